package org.busbar.core.internal.engine;

import org.busbar.core.internal.work.Worker;

/** A worker that acts upon what a message has recorded before it takes the next one. */
record SettlingWorker(Worker worker, Runnable act) implements Worker {

    @Override
    public boolean post(Runnable message) {
        return worker.post(() -> {
            try {
                message.run();
            } finally {
                act.run();
            }
        });
    }

    @Override
    public boolean isCurrent() {
        return worker.isCurrent();
    }

    @Override
    public void stop() {
        worker.stop();
    }
}
