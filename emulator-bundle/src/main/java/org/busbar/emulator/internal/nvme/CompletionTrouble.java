package org.busbar.emulator.internal.nvme;

import java.util.function.Consumer;

/** Spoils the completions of some commands. */
final class CompletionTrouble extends Trouble {

    private final Occasion occasion;
    private final Consumer<Completion> spoil;

    CompletionTrouble(Occasion occasion, Consumer<Completion> spoil) {
        this.occasion = occasion;
        this.spoil = spoil;
    }

    @Override
    void completing(Completion completion, boolean admin) {
        if (occasion.comes(admin)) {
            spoil.accept(completion);
        }
    }
}
