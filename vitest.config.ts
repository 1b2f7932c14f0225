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
    globalSetup: ['test/support/temporary-folder.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    ...(results ? { reporters: ['default', ['json', { outputFile: results }]] } : {}),
  },
})
