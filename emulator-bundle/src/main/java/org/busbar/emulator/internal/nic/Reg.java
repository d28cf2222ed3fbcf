package org.busbar.emulator.internal.nic;

/** Offsets of registers, by their names in the datasheet of the 82574 (section 10.2), and their bits; but see {@link Stat}. */
final class Reg {

    static final int SIZE = 0x2_0000;

    // 10.2.2, general
    static final int CTRL = 0x0000;
    static final int CTRL_ALIAS = 0x0004;
    static final int STATUS = 0x0008;
    static final int EECD = 0x0010;
    static final int EERD = 0x0014;
    static final int CTRL_EXT = 0x0018;
    static final int MDIC = 0x0020;
    static final int FCTTV = 0x0170;
    static final int FCAL = 0x0028;
    static final int FCAH = 0x002c;
    static final int FCT = 0x0030;
    static final int VET = 0x0038;
    static final int LEDCTL = 0x0e00;
    static final int EXTCNF_CTRL = 0x0f00;
    static final int PBA = 0x1000;
    static final int SWSM = 0x5b50;
    static final int FWSM = 0x5b54;
    static final int FACTPS = 0x5b30;

    static final int CTRL_FULL_DUPLEX = 1;
    static final int CTRL_MASTER_DISABLE = 1 << 2;
    static final int CTRL_RECEIVE_PAUSE = 1 << 27;
    static final int CTRL_SEND_PAUSE = 1 << 28;
    static final int CTRL_VLAN = 1 << 30;
    static final int CTRL_LINK_UP = 1 << 6;
    static final int CTRL_RST = 1 << 26;
    static final int CTRL_PHY_RST = 1 << 31;
    static final int STATUS_LINK_UP = 1 << 1;
    static final int STATUS_TRANSMIT_PAUSED = 1 << 4;
    static final int STATUS_PHY_RESET_ASSERTED = 1 << 10;
    static final int STATUS_MASTER_ENABLED = 1 << 19;
    static final int EECD_READ_ONLY = 1 << 8 | 1 << 9 | 0xf << 11;
    static final int EERD_START = 1;
    static final int CTRL_EXT_SELF_CLEARING = 1 << 12 | 1 << 13;
    static final int CTRL_EXT_EIAME = 1 << 24;
    static final int CTRL_EXT_IAME = 1 << 27;

    // 10.2.4, interrupts
    static final int ICR = 0x00c0;
    static final int ITR = 0x00c4;
    static final int ICS = 0x00c8;
    static final int IMS = 0x00d0;
    static final int IMC = 0x00d8;
    static final int EIAC = 0x00dc;
    static final int IAM = 0x00e0;
    static final int IVAR = 0x00e4;
    /** One for each vector, 4 apart. */
    static final int EITR = 0x00e8;

    static final int TXDW = 1;
    static final int TXQE = 1 << 1;
    static final int LSC = 1 << 2;
    static final int RXDMT0 = 1 << 4;
    static final int RXO = 1 << 6;
    static final int RXT0 = 1 << 7;
    static final int MDAC = 1 << 9;
    static final int TXD_LOW = 1 << 15;
    static final int SRPD = 1 << 16;
    static final int ACK = 1 << 17;
    static final int MNG = 1 << 18;
    static final int RXQ0 = 1 << 20;
    static final int RXQ1 = 1 << 21;
    static final int TXQ0 = 1 << 22;
    static final int TXQ1 = 1 << 23;
    static final int OTHER = 1 << 24;
    static final int INT_ASSERTED = 1 << 31;

    // 10.2.5, receive
    static final int RCTL = 0x0100;
    static final int RDBAL = 0x2800;
    static final int RDBAH = 0x2804;
    static final int RDLEN = 0x2808;
    static final int RDH = 0x2810;
    static final int RDT = 0x2818;
    static final int RDTR = 0x2820;
    static final int RXDCTL = 0x2828;
    static final int RADV = 0x282c;
    static final int RSRPD = 0x2c00;
    static final int FCRTL = 0x2160;
    static final int FCRTH = 0x2168;
    static final int RXCSUM = 0x5000;
    static final int RFCTL = 0x5008;
    static final int MTA = 0x5200;
    static final int RAL = 0x5400;
    static final int RAH = 0x5404;
    static final int VFTA = 0x5600;
    static final int MRQC = 0x5818;
    static final int RETA = 0x5c00;
    static final int RSSRK = 0x5c80;

    static final int RCTL_ENABLE = 1 << 1;
    static final int RCTL_STORE_BAD = 1 << 2;
    static final int RCTL_UNICAST_PROMISCUOUS = 1 << 3;
    static final int RCTL_MULTICAST_PROMISCUOUS = 1 << 4;
    static final int RCTL_LONG_PACKETS = 1 << 5;
    static final int RCTL_BROADCAST = 1 << 15;
    static final int RCTL_VLAN_FILTER = 1 << 18;
    static final int RCTL_CFI_FILTER = 1 << 19;
    static final int RCTL_CFI = 1 << 20;
    static final int RCTL_DISCARD_PAUSE = 1 << 22;
    static final int RCTL_PASS_CONTROL = 1 << 23;
    static final int RCTL_BSEX = 1 << 25;
    static final int RCTL_STRIP_FCS = 1 << 26;
    static final int RXCSUM_IP = 1 << 8;
    static final int RXCSUM_TCP_UDP = 1 << 9;
    static final int RXCSUM_NO_PACKET_SUM = 1 << 13;
    static final int RFCTL_EXTENDED = 1 << 15;
    static final int RDTR_FLUSH = 1 << 31;
    static final int FCRTL_XON = 1 << 31;
    static final int RAH_VALID = 1 << 31;
    static final int RECEIVE_ADDRESSES = 16;

    // 10.2.6, transmit; queue 1 is 0x100 further
    static final int TCTL = 0x0400;
    static final int TIPG = 0x0410;
    static final int TDBAL = 0x3800;
    static final int TDBAH = 0x3804;
    static final int TDLEN = 0x3808;
    static final int TDH = 0x3810;
    static final int TDT = 0x3818;
    static final int TIDV = 0x3820;
    static final int TXDCTL = 0x3828;
    static final int TADV = 0x382c;
    static final int TARC = 0x3840;
    static final int QUEUE_STRIDE = 0x100;

    static final int TCTL_ENABLE = 1 << 1;
    static final int TCTL_PAD = 1 << 3;
    static final int TCTL_SEND_XOFF = 1 << 22;
    static final int TARC_ENABLE = 1 << 10;

    private Reg() {}

    /** Returns the register that an offset stands for: some have a second address, for drivers of older controllers. */
    static int canonical(int offset) {
        return switch (offset) {
            case CTRL_ALIAS -> CTRL;
            case 0x0110, 0x0114, 0x0118 -> RDBAL + offset - 0x0110;
            case 0x0120 -> RDH;
            case 0x0108 -> RDTR;
            case 0x0128 -> RDT;
            case 0x0160 -> FCRTH;
            case 0x0168 -> FCRTL;
            case 0x0420, 0x0424, 0x0428 -> TDBAL + offset - 0x0420;
            case 0x0430 -> TDH;
            case 0x0438 -> TDT;
            case 0x0440 -> TIDV;
            default -> {
                if (offset >= 0x0040 && offset < 0x00c0) {
                    yield RAL + offset - 0x0040;
                }
                if (offset >= 0x0600 && offset < 0x0800) {
                    yield VFTA + offset - 0x0600;
                }
                yield offset >= 0x0200 && offset < 0x0400 ? MTA + offset - 0x0200 : offset;
            }
        };
    }
}
