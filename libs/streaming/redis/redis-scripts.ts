import { createHash } from 'node:crypto'
import type { RedisLink } from './redis-link.js'

/** A script that runs as one command. */
export class RedisScript {
  readonly #sha: string

  constructor(private readonly text: string) {
    this.#sha = createHash('sha1').update(text).digest('hex')
  }

  /** @throws as `RedisLink.send` does. */
  async run<Reply>(link: RedisLink, key: string, args: readonly string[]): Promise<Reply> {
    try {
      return await link.send<Reply>('EVALSHA', this.#sha, '1', key, ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return link.send<Reply>('EVAL', this.text, '1', key, ...args)
    }
  }
}

/**
 * The number of the newest entry, and whether that is an end; a run's event `seq` is the entry `seq + 1`. What somebody
 * else has put in its place, goes.
 */
const TOP = `
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'stream' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local last, ended = 0, false
if top then last = tonumber(string.match(top[1], '^%d+')); ended = top[2][1] == 'x' end
local function id(n) return string.format('%.0f', n) .. '-0' end
`

/**
 * Adds entries behind the newest one that the writer knows of; adds none when another is the newest.
 * ARGV: that entry's number, lifetime in ms, channel, the first number to keep or '', then number, event and JSON of each
 * entry, where an event '' is the end. Answers `{1}`, or `{0, newest, is it an end}`.
 */
export const APPEND = new RedisScript(`${TOP}
if last ~= tonumber(ARGV[1]) then return {0, last, ended and 1 or 0} end
for i = 5, #ARGV, 3 do
  if ARGV[i + 1] == '' then redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'x', '')
  else redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'e', ARGV[i + 1], 'd', ARGV[i + 2]) end
end
if ARGV[4] ~= '' then redis.call('XTRIM', KEYS[1], 'MINID', ARGV[4] .. '-0') end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], '')
return {1}
`)

/**
 * Ends a run's events in the name of whoever wrote them, unless they have ended.
 * ARGV: lifetime in ms, channel, JSON of a last event error or ''.
 */
export const END = new RedisScript(`${TOP}
if ended then return 0 end
if ARGV[3] ~= '' then last = last + 1; redis.call('XADD', KEYS[1], id(last), 'e', 'error', 'd', ARGV[3]) end
redis.call('XADD', KEYS[1], id(last + 1), 'x', '')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], '')
return 1
`)

/**
 * Adds a fact to a thread's: its number is Redis's time in ms, or one more than the newest one's where things happen faster.
 * ARGV: lifetime in ms, channel, most facts that are kept, kind, content. A run that is the newest fact is not told
 * again: it only lives on.
 */
export const TELL = new RedisScript(`${TOP}
if top and ARGV[4] == 'run' and top[2][1] == 'run' and top[2][2] == ARGV[5] then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  return 0
end
local now = redis.call('TIME')
local ms = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], id(math.max(last + 1, ms)), ARGV[4], ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], '')
return 1
`)
