import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CertificateAuthority } from './certificates.js'

describe('CertificateAuthority', () => {
  const authority = new CertificateAuthority()
  const root = new X509Certificate(authority.cert)

  it('issues certificates that verify, for the names asked for', () => {
    const issued = new X509Certificate(authority.issue({ names: ['hooks.example.com', '127.0.0.1'] }).cert)
    expect(issued.verify(root.publicKey)).toBe(true)
    expect(issued.checkHost('hooks.example.com')).toBe('hooks.example.com')
    expect(issued.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(issued.checkHost('other.example.com')).toBeUndefined()
    expect([root.ca, issued.ca]).toEqual([true, false])
  })

  it('issues expired and self-signed ones', () => {
    const expired = authority.issue({ names: ['a.example'], notAfter: new Date('2021-01-01T00:00:00Z') })
    expect(new X509Certificate(expired.cert).validTo).toMatch(/2021 GMT$/)
    const own = new X509Certificate(CertificateAuthority.selfSigned({ names: ['a.example'] }).cert)
    expect([own.verify(own.publicKey), own.verify(root.publicKey)]).toEqual([true, false])
  })
})
