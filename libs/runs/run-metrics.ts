import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Settings } from '#config'
import { Database } from '#database'
import { Clock, type Figure, MetricSources } from '#kernel'
import { RunMetricsRepository } from './run-metrics.repository.js'
import { RunWorker } from './run-worker.js'

/** Offers the figures of the queue and of this process's workers (contract section 10). */
@Injectable()
export class RunMetrics implements OnModuleInit {
  constructor(
    private readonly sources: MetricSources,
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly repository: RunMetricsRepository,
    private readonly worker: RunWorker,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.sources.add('queue', () => this.#queue())
    this.sources.add('workers', () => Promise.resolve(this.#workers()))
  }

  async #queue(): Promise<Figure[]> {
    const now = this.clock.now()
    const { pending, running, ...since } = await this.repository.read(this.database, now)
    const waited = (due: Date | null): number => (due ? Math.max(0, (now.getTime() - due.getTime()) / 1000) : 0)
    const figure = (name: string, help: string, key: string, value: number): Figure => {
      return { name, help, value, at: ['queue', key] }
    }
    return [
      figure('lg_api_num_pending_runs', 'Runs that wait, delayed ones too.', 'n_pending', pending),
      figure('lg_api_num_running_runs', 'Runs that are being executed.', 'n_running', running),
      figure(
        'lg_api_pending_runs_wait_time_max',
        'Seconds that the longest waiting due run has waited.',
        'pending_runs_wait_time_max_secs',
        waited(since.oldestDue),
      ),
      figure(
        'lg_api_pending_runs_wait_time_med',
        'Median of the seconds that due runs have waited.',
        'pending_runs_wait_time_med_secs',
        waited(since.medianDue),
      ),
      figure(
        'lg_api_pending_unblocked_runs_wait_time_max',
        'As the maximum, of runs whose thread is free.',
        'pending_unblocked_runs_wait_time_max_secs',
        waited(since.oldestUnblocked),
      ),
    ]
  }

  #workers(): Figure[] {
    // Who adds these up over all processes must not count room where nothing is executed.
    const max = this.settings.role === 'api' ? 0 : this.settings.runs.maxConcurrent
    const { active } = this.worker
    return [
      {
        name: 'lg_api_workers_max',
        help: 'Runs this process may execute at once.',
        value: max,
        at: ['workers', 'max'],
      },
      { name: 'lg_api_workers_active', help: 'Runs this process executes.', value: active, at: ['workers', 'active'] },
      {
        name: 'lg_api_workers_available',
        help: 'Further runs this process could execute.',
        value: Math.max(0, max - active),
        at: ['workers', 'available'],
      },
    ]
  }
}
