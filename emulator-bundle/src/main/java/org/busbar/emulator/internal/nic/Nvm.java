package org.busbar.emulator.internal.nic;

import org.busbar.net.MacAddress;

/** What the card's NVM says (datasheet, section 6.1): 64 words that add up to 0xBABA. */
final class Nvm {

    private static final int WORDS = 64;
    private static final int CHECKSUM = 0x3f;
    private static final int SUM = 0xbaba;

    private final int[] words = new int[WORDS];

    Nvm(MacAddress mac) {
        for (int i = 0; i < 3; i++) {
            words[i] = (mac.octet(2 * i) & 0xff) | ((mac.octet(2 * i + 1) & 0xff) << 8);
        }
        words[0x03] = 0x0420;
        words[0x08] = 0xe467;
        words[0x09] = 0x0505;
        words[0x0b] = 0xa01f;
        words[0x0c] = 0x8086;
        words[0x0d] = 0x10d3;
        words[0x0e] = 0x8086;
        int sum = 0;
        for (int i = 0; i < CHECKSUM; i++) {
            sum += words[i];
        }
        words[CHECKSUM] = (SUM - sum) & 0xffff;
    }

    /** Carries out what was written to EERD, and returns what it reads as from then on (10.2.2.5). */
    int read(int eerd) {
        int word = (eerd >>> 2) & 0x3fff;
        if ((eerd & Reg.EERD_START) == 0) {
            return eerd & 0xfffc;
        }
        int value = word < WORDS ? words[word] : 0xffff;
        return (value << 16) | (word << 2) | Reg.EERD_DONE;
    }

    int word(int index) {
        return words[index];
    }
}
