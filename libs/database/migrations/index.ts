import { Core1764000000000 } from './1764000000000-core.js'
import { Webhooks1764000001000 } from './1764000001000-webhooks.js'

/** Every migration, oldest first. */
export const MIGRATIONS = [Core1764000000000, Webhooks1764000001000]
