// Builds dist/ with plain tsc, writes the OpenAPI document into it, and makes the command executable.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
cpSync('libs/database/pglite-worker.mjs', 'dist/libs/database/pglite-worker.mjs')
cpSync('libs/health/block-watch-worker.mjs', 'dist/libs/health/block-watch-worker.mjs')
cpSync('apps/console/page.html', 'dist/apps/console/page.html')
cpSync('apps/server/api-docs/page.html', 'dist/apps/server/api-docs/page.html')
execFileSync(process.execPath, ['scripts/openapi/generate.mjs'], { stdio: 'inherit' })
chmodSync('dist/apps/cli/main.js', 0o755)
