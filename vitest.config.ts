import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** A file that gets the results as JSON, beside what the terminal shows. */
const results = process.env['SIGNALBOX_TEST_RESULTS']

export default defineConfig({
  ssr: { resolve: { conditions: ['signalbox-source', 'module', 'node'] } },
  test: {
    include: ['{libs,apps,test}/**/*.{spec,int-spec}.ts'],
    environment: 'node',
    pool: 'forks',
    // One process runs many files: loading Nest and starting the embedded database anew for each doubles the time.
    isolate: false,
    // Vitest leaves one core to itself: on two that is one process, which waits most of its time for servers it has started.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: ['test/support/temporary-folder.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    ...(results ? { reporters: ['default', ['json', { outputFile: results }]] } : {}),
  },
})
