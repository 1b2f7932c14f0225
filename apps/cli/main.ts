#!/usr/bin/env node
import { createProgram } from './program.js'

// Each command brings its own imports: `dev` is only a supervisor and needs none of the server's.
const program = createProgram({
  dev: async (options) => (await import('./dev-command.js')).dev(options),
  start: async (options) => (await import('./start-command.js')).start(options),
  check: async (options) => (await import('./check-command.js')).check(options),
  listen: async (options) => (await import('./listen/listen-command.js')).listen(options),
  migrate: async (options) => (await import('./migrate-command.js')).migrate(options),
})

await program.parseAsync()
