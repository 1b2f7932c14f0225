import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A certificate and its key as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** What a certificate says; valid for decades from 2020 unless told. */
export interface CertificateRequest {
  /** DNS names and IPv4 addresses that it is for. */
  readonly names: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

interface Subject {
  readonly name: Buffer
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const OIDS = {
  commonName: '550403',
  ecdsaWithSha256: '2a8648ce3d040302',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
}
const TAGS = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x18 } as const
const SEQUENCE = 0x30
const SET = 0x31
const FROM = new Date('2020-01-01T00:00:00Z')
const UNTIL = new Date('2120-01-01T00:00:00Z')

/** A certificate authority of its own, made at test time: X.509 (RFC 5280) written by hand, signed by `node:crypto`. */
export class CertificateAuthority {
  readonly #subject = subjectOf('Signalbox test authority')
  #serial = 1

  /** The authority's own certificate as PEM. */
  readonly cert = pem(this.#sign(this.#subject, { names: [] }, true))

  /** A certificate that it signs. */
  issue(request: CertificateRequest): Certificate {
    const subject = subjectOf(request.names[0] ?? '')
    return certificateOf(this.#sign(subject, request, false), subject)
  }

  /** A certificate that signs itself. */
  static selfSigned(request: CertificateRequest): Certificate {
    const authority = new CertificateAuthority()
    return certificateOf(authority.#sign(authority.#subject, request, false), authority.#subject)
  }

  #sign(subject: Subject, { names, notBefore = FROM, notAfter = UNTIL }: CertificateRequest, isAuthority: boolean) {
    const algorithm = der(SEQUENCE, oid(OIDS.ecdsaWithSha256))
    this.#serial += 1
    const toSign = der(
      SEQUENCE,
      der(0xa0, der(TAGS.integer, Buffer.from([2]))),
      der(TAGS.integer, Buffer.from([this.#serial])),
      algorithm,
      this.#subject.name,
      der(SEQUENCE, time(notBefore), time(notAfter)),
      subject.name,
      subject.publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, der(SEQUENCE, ...(isAuthority ? [authorityExtension()] : [namesExtension(names)]))),
    )
    const signature = sign('sha256', toSign, this.#subject.privateKey)
    return der(SEQUENCE, toSign, algorithm, der(TAGS.bits, Buffer.from([0]), signature))
  }
}

function subjectOf(commonName: string): Subject {
  const attribute = der(SEQUENCE, oid(OIDS.commonName), der(TAGS.utf8, Buffer.from(commonName)))
  return { name: der(SEQUENCE, der(SET, attribute)), ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }
}

function certificateOf(bytes: Buffer, { privateKey }: Subject): Certificate {
  return { cert: pem(bytes), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

function authorityExtension(): Buffer {
  const constraints = der(SEQUENCE, der(TAGS.boolean, Buffer.from([0xff])))
  const critical = der(TAGS.boolean, Buffer.from([0xff]))
  return der(SEQUENCE, oid(OIDS.basicConstraints), critical, der(TAGS.octets, constraints))
}

function namesExtension(names: readonly string[]): Buffer {
  const entries = names.map((name) => {
    const isAddress = /^[\d.]+$/.test(name)
    return isAddress ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name))
  })
  return der(SEQUENCE, oid(OIDS.subjectAltName), der(TAGS.octets, der(SEQUENCE, ...entries)))
}

function oid(hex: string): Buffer {
  return der(TAGS.oid, Buffer.from(hex, 'hex'))
}

function time(at: Date): Buffer {
  return der(TAGS.time, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, '')))
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
