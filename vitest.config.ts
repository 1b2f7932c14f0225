import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['signalbox-source', 'module', 'node'] } },
  test: {
    include: ['{libs,apps,test}/**/*.{spec,int-spec}.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
