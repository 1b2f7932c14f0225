import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

const TYPES = { a: 1, cname: 5, aaaa: 28 }

/** A kind of question that has an address for an answer. */
export type AddressType = 'a' | 'aaaa'

/** A name server on loopback (RFC 1035): knows what it is told, is silent where told so, and denies the rest. */
export class NameServer {
  readonly #known = new Map<string, readonly string[]>()
  readonly #aliases = new Map<string, string>()
  /** In ms, by name and type. */
  readonly #delays = new Map<string, number>()
  #isClosed = false

  private constructor(private readonly socket: Socket) {
    socket.on('message', (question, peer) => {
      const { answer, delayMs } = this.#answer(question)
      const send = () => this.#isClosed || socket.send(answer, peer.port, peer.address)
      if (delayMs === 0) send()
      else if (delayMs < Infinity) setTimeout(send, delayMs)
    })
  }

  static async start(): Promise<NameServer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new NameServer(socket)
  }

  /** `address:port`. */
  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`
  }

  knows(name: string, addresses: readonly string[]): void {
    this.#known.set(name, addresses)
  }

  /** Another name for one that has no address. */
  knowsAlias(name: string, target: string): void {
    this.#aliases.set(name, target)
  }

  /** Ignores these questions for the name. */
  isSilentAbout(name: string, types: readonly AddressType[] = ['a', 'aaaa']): void {
    for (const type of types) this.answersLate(name, type, Infinity)
  }

  answersLate(name: string, type: AddressType, delayMs: number): void {
    this.#delays.set(`${name} ${TYPES[type]}`, delayMs)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.socket.close()
    await once(this.socket, 'close')
  }

  #answer(question: Buffer): { answer: Buffer; delayMs: number } {
    const { name, end } = nameIn(question)
    const type = question.readUInt16BE(end)
    const records = this.#records(name, type)
    const header = Buffer.from(question.subarray(0, 12))
    header.writeUInt16BE(records === null ? 0x8183 : 0x8180, 2)
    header.writeUInt16BE(records?.length ?? 0, 6)
    header.writeUInt32BE(0, 8)
    const answer = Buffer.concat([header, question.subarray(12, end + 4), ...(records ?? [])])
    return { answer, delayMs: this.#delays.get(`${name} ${type}`) ?? 0 }
  }

  #records(name: string, type: number): Buffer[] | null {
    const alias = this.#aliases.get(name)
    if (alias !== undefined) return [record(TYPES.cname, encoded(alias))]
    const known = this.#known.get(name)?.filter((one) => (isIPv4(one) ? TYPES.a : TYPES.aaaa) === type)
    return known?.map((one) => record(type, Buffer.from(ipaddr.parse(one).toByteArray()))) ?? null
  }
}

function nameIn(question: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

function encoded(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  return Buffer.concat([...labels, Buffer.from([0])])
}

/** A record of the name asked for, good for 300 s. */
function record(type: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 1, 44, 0, bytes.length]), bytes])
}
