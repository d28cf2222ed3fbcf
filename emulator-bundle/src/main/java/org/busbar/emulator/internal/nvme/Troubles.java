package org.busbar.emulator.internal.nvme;

import java.util.Optional;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NvmeFault;

/** What each fault of an NVMe controller does. Faults of I/O queues spare the admin queue. */
final class Troubles {

    private Troubles() {}

    /** Returns whether a controller can have a fault, with these values. */
    static boolean possible(Fault fault) {
        return switch (fault) {
            case Fault.ErrorStatus error -> error.every() >= 1 && (error.status() & ~0x7ff) == 0 && error.status() != 0;
            case Fault.LostCompletion lost -> lost.every() >= 1;
            case Fault.SlowCompletion slow -> !slow.delay().isNegative() && slow.delay().toDays() < 1;
            case Fault.StuckReset stuck -> true;
            case Fault.BadConfigSpace bad -> true;
            case Fault.LinkDown link -> false;
            case NicFault nic -> false;
            case NvmeFault.SlowAdmin slow -> !slow.delay().isNegative() && slow.delay().toDays() < 1;
            case NvmeFault.SlowTransitions slow -> !slow.delay().isNegative() && slow.delay().toDays() < 1;
            case NvmeFault.Fatal fatal -> fatal.command() >= 1;
            case NvmeFault.NeverCompleted never -> never.command() >= 1;
            case NvmeFault.CompletedTwice twice -> twice.command() >= 1;
            case NvmeFault.WrongIdentifier wrong -> wrong.command() >= 1 && wrong.identifier() >>> 16 == 0;
            case NvmeFault.WrongPhase wrong -> wrong.command() >= 1;
            case NvmeFault.GarbageHead garbage -> true;
            case NvmeFault.GarbageCompletion garbage -> garbage.every() >= 1;
            case NvmeFault.MediaError media -> media.first() >= 0 && media.blocks() >= 1;
            case NvmeFault.GarbageIdentify garbage -> true;
            case NvmeFault.GarbageLogs garbage -> true;
            case NvmeFault.UselessAbort useless -> true;
            case NvmeFault.SilentCorruption silent -> silent.every() >= 1;
        };
    }

    /** Returns what a fault does, unless the controller has no part in it. */
    static Optional<Trouble> of(Fault fault) {
        return switch (fault) {
            case Fault.ErrorStatus error -> Optional.of(new FailingTrouble(error));
            case Fault.LostCompletion lost ->
                Optional.of(new CompletionTrouble(new Each(NvmeFault.Queues.IO, lost.every()),
                        completion -> completion.copies = 0));
            case Fault.SlowCompletion slow -> Optional.of(new SlowTrouble(NvmeFault.Queues.IO, slow.delay().toNanos()));
            case Fault.StuckReset stuck -> Optional.empty();
            case Fault.BadConfigSpace bad -> Optional.empty();
            case Fault.LinkDown link -> Optional.empty();
            case NicFault nic -> Optional.empty();
            case NvmeFault.SlowAdmin slow ->
                Optional.of(new SlowTrouble(NvmeFault.Queues.ADMIN, slow.delay().toNanos()));
            case NvmeFault.SlowTransitions slow -> Optional.of(new TransitionTrouble(slow.delay().toNanos()));
            case NvmeFault.Fatal fatal -> Optional.of(new FatalTrouble(fatal));
            case NvmeFault.NeverCompleted never ->
                Optional.of(new CompletionTrouble(
                        new Once(never.queues(), never.command()), completion -> completion.delay = Completion.NEVER));
            case NvmeFault.CompletedTwice twice ->
                Optional.of(new CompletionTrouble(
                        new Once(twice.queues(), twice.command()), completion -> completion.copies = 2));
            case NvmeFault.WrongIdentifier wrong ->
                Optional.of(new CompletionTrouble(
                        new Once(wrong.queues(), wrong.command()),
                        completion -> completion.command = wrong.identifier()));
            case NvmeFault.WrongPhase wrong ->
                Optional.of(new CompletionTrouble(
                        new Once(wrong.queues(), wrong.command()), completion -> completion.wrongPhase = true));
            case NvmeFault.GarbageHead garbage -> Optional.of(new HeadTrouble(garbage));
            case NvmeFault.GarbageCompletion garbage -> Optional.of(new GarbageCompletionTrouble(garbage));
            case NvmeFault.MediaError media -> Optional.of(new MediaTrouble(media));
            case NvmeFault.GarbageIdentify garbage -> Optional.of(new GarbageTrouble(garbage.seed(), true));
            case NvmeFault.GarbageLogs garbage -> Optional.of(new GarbageTrouble(garbage.seed(), false));
            case NvmeFault.UselessAbort useless -> Optional.of(new AbortTrouble());
            case NvmeFault.SilentCorruption silent -> Optional.of(new CorruptionTrouble(silent.every()));
        };
    }
}
