package org.busbar.emulator.internal.nic;

import org.busbar.net.MacAddress;

/** What the card's NVM says (82574: section 6.1; 8254x manual: section 5.6): 64 words that add up to 0xBABA. */
final class Nvm {

    private static final int WORDS = 64;
    private static final int CHECKSUM = 0x3f;
    private static final int SUM = 0xbaba;

    private final Family family;
    private final int[] words = new int[WORDS];

    Nvm(Family family, MacAddress mac) {
        this.family = family;
        for (int i = 0; i < 3; i++) {
            words[i] = (mac.octet(2 * i) & 0xff) | ((mac.octet(2 * i + 1) & 0xff) << 8);
        }
        words[0x03] = 0x0420;
        words[0x08] = 0xe467;
        words[0x09] = 0x0505;
        words[0x0b] = family.subsystem();
        words[0x0c] = 0x8086;
        words[0x0d] = family.device();
        words[0x0e] = 0x8086;
        int sum = 0;
        for (int i = 0; i < CHECKSUM; i++) {
            sum += words[i];
        }
        words[CHECKSUM] = (SUM - sum) & 0xffff;
    }

    /**
     * Carries out what was written to EERD, and returns what it reads as from then on (82574: 10.2.2.5, done in bit 1 and
     * the address from bit 2; 8254x: done in bit 4 and the address from bit 8).
     */
    int read(int eerd) {
        int mask = 0xffff & -1 << family.eerdAddress();
        int word = (eerd & mask) >>> family.eerdAddress();
        if ((eerd & Reg.EERD_START) == 0) {
            return eerd & mask;
        }
        int value = word < WORDS ? words[word] : 0xffff;
        return (value << 16) | (eerd & mask) | family.eerdDone();
    }

    int word(int index) {
        return words[index];
    }
}
