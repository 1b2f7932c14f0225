import type { Figure } from '#kernel'

/** Basics of this process. */
export function processFigures(): Figure[] {
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const figure = (name: string, key: string, help: string, value: number): Figure => {
    return { name, help, value, at: ['process', key] }
  }
  return [
    figure('process_resident_memory_bytes', 'resident_memory_bytes', 'Memory of the process.', rss),
    figure('nodejs_heap_size_used_bytes', 'heap_used_bytes', 'Heap in use.', heapUsed),
    figure('process_cpu_seconds', 'cpu_seconds', 'Processor time since the start.', (user + system) / 1e6),
    figure('process_uptime_seconds', 'uptime_seconds', 'Seconds since the start.', process.uptime()),
  ]
}
