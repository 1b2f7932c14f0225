import type { ServerRoute } from '../support/server-routes.js'
import type { Chance } from './chance.js'
import { mutate } from './mutate.js'
import { KNOWN_WORDS, ODD_TEXTS, toJsonText } from './odd-values.js'
import { type KnownIds, VALID_QUERY, validBody } from './valid-bodies.js'

/** A request as it goes over the wire. */
export interface OddRequest {
  readonly method: string
  /** Path and query, encoded or on purpose not. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer | null
}

const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS'])

const CONTENT_TYPES = [
  'text/plain',
  'application/json; charset=utf-8',
  'application/json;charset=latin1',
  'application/vnd.api+json',
  'APPLICATION/JSON',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/json, text/plain',
  'json',
  '/',
  '',
]

/** A request to this route that is odd in its path, query, headers or body, mostly in one or two of them. */
export function oddRequest(route: ServerRoute, ids: KnownIds, chance: Chance): OddRequest {
  const path = pathOf(route.path, ids, chance)
  const query = chance.percent(BODILESS.has(route.method) ? 80 : 20) ? `?${queryOf(chance)}` : ''
  const body = BODILESS.has(route.method) ? null : bodyOf(route, ids, chance)
  const headers: Record<string, string | string[]> = body === null ? {} : { 'content-type': 'application/json' }
  if (chance.percent(15)) Object.assign(headers, oddHeaders(chance, body !== null))
  return { method: route.method, target: path + query, headers, body }
}

function pathOf(template: string, ids: KnownIds, chance: Chance): string {
  const known: Record<string, string> = {
    thread_id: ids.threadId,
    run_id: ids.runId,
    checkpoint_id: ids.checkpointId,
    assistant_id: ids.assistantId,
    bin: 'fuzz',
  }
  const filled = template.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) =>
    chance.percent(85) ? (known[name] ?? 'x') : oddSegment(chance),
  )
  return filled.replace(/\*$/, () => oddSegment(chance))
}

function oddSegment(chance: Chance): string {
  if (chance.percent(20)) return chance.of(['%zz', '%', '%E0%A4', '%ff', '%00', '%2e%2e', '%2F', ';', '..', 'a%20b'])
  return chance.percent(30) ? chance.uuid() : encoded(chance.of(ODD_TEXTS)) || 'x'
}

function queryOf(chance: Chance): string {
  const names = [...VALID_QUERY.keys()]
  const pairs = Array.from({ length: 1 + chance.below(4) }, () => {
    const name = chance.percent(90) ? chance.of(names) : encoded(chance.of(ODD_TEXTS))
    if (chance.percent(5)) return `${name}=${chance.of(['%zz', '%E0%A4', '%', '&', '=', '+', '#', '%00'])}`
    if (chance.percent(5)) return chance.of([name, `${name}[]=a`, `${name}[a]=b`, `${name}=1&${name}=2`])
    if (chance.percent(30)) return `${name}=${encoded(VALID_QUERY.get(name) ?? '')}`
    return `${name}=${encoded(chance.of(chance.percent(60) ? ODD_TEXTS : KNOWN_WORDS))}`
  })
  return pairs.join('&')
}

/** Percent-encoded, lone surrogates as the bytes that an unwary client makes of them. */
function encoded(text: string): string {
  return Array.from(text)
    .map((letter) => (/[\ud800-\udfff]/.test(letter) && letter.length === 1 ? '%ED%A0%80' : encodeURIComponent(letter)))
    .join('')
}

function bodyOf(route: ServerRoute, ids: KnownIds, chance: Chance): Buffer | null {
  if (chance.percent(2)) return null
  const valid = validBody(`${route.method} ${route.path}`, ids)
  const text = toJsonText(chance.percent(95) ? mutate(valid, chance) : valid)
  return chance.percent(8) ? brokenBytes(text, chance) : Buffer.from(text)
}

function brokenBytes(text: string, chance: Chance): Buffer {
  const middle = chance.below(text.length + 1)
  const head = text.slice(0, middle)
  const tail = text.slice(middle)
  return chance.of([
    () => Buffer.from(head),
    () => Buffer.from(text + tail),
    () => Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from(tail)]),
    () => Buffer.concat([Buffer.from(head), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(tail)]),
    () => Buffer.from(`${head}\u0000${tail}`),
    () => Buffer.from(`\uFEFF${text}`),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from('['.repeat(20_000)),
    () => Buffer.from(text.replace('{', `{"limit":1,"limit":"2",`)),
    () => Buffer.from('x'.repeat(2_000_000)),
  ])()
}

function oddHeaders(chance: Chance, hasBody: boolean): Record<string, string | string[]> {
  return chance.of<() => Record<string, string | string[]>>([
    () => (hasBody ? { 'content-type': chance.of(CONTENT_TYPES) } : { accept: 'image/png' }),
    () => ({ 'last-event-id': chance.of(['-1', '-', '0', '999999', 'x', '-7', '1e9', '']) }),
    () => ({ prefer: chance.of(['return=minimal', 'return=minimal; x="', ',,,', 'return=representation']) }),
    () => ({ 'x-custom': ['a', 'b', 'c'], 'x-__proto__': 'x', 'x-request-id': 'a b' }),
    () => ({ accept: ['text/event-stream', '*/*;q=NaN'], cookie: '=;=;', origin: 'null' }),
    () => ({ 'x-latin': '\u00e9\u00ff', 'accept-encoding': 'zstd, *;q=0', range: 'bytes=9-1' }),
    () => ({ 'if-none-match': '*', 'x-forwarded-host': '//x', 'x-http-method-override': 'DELETE' }),
    () => Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`x-many-${index}`, 'v'])),
    () => ({ authorization: 'Bearer', 'x-api-key': '', 'user-agent': '' }),
  ])()
}
