import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

const TYPES = { a: 1, aaaa: 28 }

/** A name server on loopback (RFC 1035): knows what it is told, is silent where told so, and denies the rest. */
export class NameServer {
  readonly #known = new Map<string, readonly string[]>()
  readonly #silent = new Set<string>()

  private constructor(private readonly socket: Socket) {
    socket.on('message', (question, peer) => {
      const answer = this.#answer(question)
      if (answer) socket.send(answer, peer.port, peer.address)
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

  isSilentAbout(name: string): void {
    this.#silent.add(name)
  }

  async close(): Promise<void> {
    this.socket.close()
    await once(this.socket, 'close')
  }

  #answer(question: Buffer): Buffer | null {
    const { name, end } = nameIn(question)
    if (this.#silent.has(name)) return null
    const type = question.readUInt16BE(end)
    const addresses = (this.#known.get(name) ?? []).filter((one) => (isIPv4(one) ? TYPES.a : TYPES.aaaa) === type)
    const header = Buffer.from(question.subarray(0, 12))
    header.writeUInt16BE(this.#known.has(name) ? 0x8180 : 0x8183, 2)
    header.writeUInt16BE(addresses.length, 6)
    header.writeUInt32BE(0, 8)
    return Buffer.concat([header, question.subarray(12, end + 4), ...addresses.map((one) => record(one, type))])
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

/** A record of the name asked for, good for 300 s. */
function record(address: string, type: number): Buffer {
  const bytes = Buffer.from(ipaddr.parse(address).toByteArray())
  const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 1, 44, 0, bytes.length])
  return Buffer.concat([head, bytes])
}
