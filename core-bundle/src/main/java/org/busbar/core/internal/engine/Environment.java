package org.busbar.core.internal.engine;

import org.busbar.core.internal.work.Scheduler;
import org.busbar.core.internal.work.ServiceWatch;
import org.busbar.core.internal.work.Tasks;
import org.busbar.core.internal.work.Worker;

/** What an engine runs on. */
public record Environment(Worker worker, Scheduler scheduler, Tasks tasks, ServiceWatch services) {}
