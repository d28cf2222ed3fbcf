package org.busbar.driver.nic;

import org.busbar.pci.Bar;

/** The LEDs beside the socket: LEDCTL has eight bits for each (10.2.2.8; SDM 13.4.16). Thread-safe. */
final class LightRegister {

    private static final long LEDCTL = 0x0e00;

    private static final int INVERTED = 1 << 6;
    /** LED_ON, with blinking. */
    private static final int ON_AND_BLINKING = 0xe | 1 << 7;

    private final Bar bar;
    private final int lights;
    /** What LEDCTL was before; guarded by this. */
    private int normal;

    private boolean blinking;

    LightRegister(Bar bar, int lights) {
        this.bar = bar;
        this.lights = lights;
    }

    /** Has all of them blink, or do again what the NVM says. */
    synchronized void blink(boolean on) {
        if (on == blinking) {
            return;
        }
        if (on) {
            normal = bar.read32(LEDCTL);
        }
        bar.write32(LEDCTL, on ? blinking(normal) : normal);
        blinking = on;
    }

    /** After a reset, which has made them what they were. */
    synchronized void restore() {
        if (blinking) {
            blinking = false;
            blink(true);
        }
    }

    private int blinking(int before) {
        int value = before;
        for (int light = 0; light < lights; light++) {
            int shift = 8 * light;
            int keep = before >>> shift & INVERTED;
            value = (value & ~(0xff << shift)) | (ON_AND_BLINKING | keep) << shift;
        }
        return value;
    }
}
