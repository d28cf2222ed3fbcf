package org.busbar.emulator.internal.nic;

/** Offsets of registers, by their names in the datasheet (section 10.2), and their bits. */
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
    static final int VET = 0x0038;
    static final int LEDCTL = 0x0e00;
    static final int EXTCNF_CTRL = 0x0f00;
    static final int PBA = 0x1000;
    static final int SWSM = 0x5b50;
    static final int FWSM = 0x5b54;
    static final int FACTPS = 0x5b30;

    static final int CTRL_FULL_DUPLEX = 1;
    static final int CTRL_MASTER_DISABLE = 1 << 2;
    static final int CTRL_LINK_UP = 1 << 6;
    static final int CTRL_RST = 1 << 26;
    static final int CTRL_PHY_RST = 1 << 31;
    static final int STATUS_LINK_UP = 1 << 1;
    static final int STATUS_PHY_RESET_ASSERTED = 1 << 10;
    static final int STATUS_MASTER_ENABLED = 1 << 19;
    static final int EECD_READ_ONLY = 1 << 8 | 1 << 9 | 0xf << 11;
    static final int EERD_START = 1;
    static final int EERD_DONE = 1 << 1;
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

    static final int TXDW = 1;
    static final int TXQE = 1 << 1;
    static final int LSC = 1 << 2;
    static final int RXDMT0 = 1 << 4;
    static final int RXO = 1 << 6;
    static final int RXT0 = 1 << 7;
    static final int MDAC = 1 << 9;
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
    static final int RXDCTL = 0x2828;
    static final int RFCTL = 0x5008;
    static final int MTA = 0x5200;
    static final int RAL = 0x5400;
    static final int RAH = 0x5404;

    static final int RCTL_ENABLE = 1 << 1;
    static final int RCTL_UNICAST_PROMISCUOUS = 1 << 3;
    static final int RCTL_MULTICAST_PROMISCUOUS = 1 << 4;
    static final int RCTL_LONG_PACKETS = 1 << 5;
    static final int RCTL_BROADCAST = 1 << 15;
    static final int RCTL_BSEX = 1 << 25;
    static final int RCTL_STRIP_FCS = 1 << 26;
    static final int RFCTL_EXTENDED = 1 << 15;
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
    static final int TXDCTL = 0x3828;
    static final int TARC = 0x3840;
    static final int QUEUE_STRIDE = 0x100;

    static final int TCTL_ENABLE = 1 << 1;
    static final int TCTL_PAD = 1 << 3;
    static final int TARC_ENABLE = 1 << 10;

    // 10.2.7, statistics
    static final int STATISTICS = 0x4000;
    static final int STATISTICS_END = 0x4128;
    static final int MPC = 0x4010;
    static final int PRC64 = 0x405c;
    static final int GPRC = 0x4074;
    static final int BPRC = 0x4078;
    static final int MPRC = 0x407c;
    static final int GPTC = 0x4080;
    static final int GORCL = 0x4088;
    static final int GOTCL = 0x4090;
    static final int RNBC = 0x40a0;
    static final int ROC = 0x40ac;
    static final int TORL = 0x40c0;
    static final int TOTL = 0x40c8;
    static final int TPR = 0x40d0;
    static final int TPT = 0x40d4;
    static final int PTC64 = 0x40d8;
    static final int MPTC = 0x40f0;
    static final int BPTC = 0x40f4;
    static final int IAC = 0x4100;

    private Reg() {}

    /** Returns the register that an offset stands for: some have a second address, for drivers of older controllers. */
    static int canonical(int offset) {
        return switch (offset) {
            case CTRL_ALIAS -> CTRL;
            case 0x0110, 0x0114, 0x0118 -> RDBAL + offset - 0x0110;
            case 0x0120 -> RDH;
            case 0x0128 -> RDT;
            case 0x0420, 0x0424, 0x0428 -> TDBAL + offset - 0x0420;
            case 0x0430 -> TDH;
            case 0x0438 -> TDT;
            default -> {
                if (offset >= 0x0040 && offset < 0x00c0) {
                    yield RAL + offset - 0x0040;
                }
                yield offset >= 0x0200 && offset < 0x0400 ? MTA + offset - 0x0200 : offset;
            }
        };
    }
}
