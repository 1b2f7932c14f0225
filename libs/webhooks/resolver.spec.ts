import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DnsQuestions, type DnsOptions } from './dns-questions.js'
import { NameServer } from './name-server.spec.support.js'
import { SystemResolver } from './resolver.js'
import { transportErrorCode } from './transport-error.js'

describe('SystemResolver', () => {
  it('asks once for a name that several attempts ask for at the same time, and afresh afterwards', async () => {
    const asked: string[] = []
    const answers = [['192.0.2.1'], ['192.0.2.2']]
    const dns = (host: string) => {
      asked.push(host)
      return Promise.resolve(answers.shift() ?? [])
    }
    const resolver = new SystemResolver({ dns })
    const both = await Promise.all([resolver.resolve('a.example'), resolver.resolve('a.example')])
    expect(both).toEqual([['192.0.2.1'], ['192.0.2.1']])
    expect(await resolver.resolve('a.example')).toEqual(['192.0.2.2'])
    expect(asked).toEqual(['a.example', 'a.example'])
  })

  it('fails each of them, and asks again for the next', async () => {
    let fails = true
    const dns = () => (fails ? Promise.reject(new Error('no')) : Promise.resolve([]))
    const resolver = new SystemResolver({ dns })
    const both = await Promise.allSettled([resolver.resolve('a.example'), resolver.resolve('a.example')])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    expect(await resolver.resolve('a.example')).toEqual([])
  })

  it('asks the system for what the hosts file lists and for names that are not public, and for no other', async () => {
    const listed = () => new Set(['receiver.example'])
    const resolver = new SystemResolver({
      system: () => Promise.resolve(['system']),
      dns: () => Promise.resolve(['dns']),
      listed,
    })
    for (const host of ['receiver.example', 'receiver', 'receiver.internal', 'x.localhost']) {
      expect(await resolver.resolve(host)).toEqual(['system'])
    }
    expect(await resolver.resolve('a.receiver.example')).toEqual(['dns'])
  })

  it('asks the system for everything where no name server is known', async () => {
    const resolver = new SystemResolver({ system: () => Promise.resolve(['system']), dns: () => null })
    expect(await resolver.resolve('a.example')).toEqual(['system'])
  })

  it('finds this machine', async () => {
    const addresses = await new SystemResolver().resolve('localhost')
    expect(addresses.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true)
  })
})

describe('questions to name servers', () => {
  let server: NameServer
  let folder: string

  beforeEach(async () => {
    server = await NameServer.start()
    folder = mkdtempSync(join(tmpdir(), 'signalbox-names-'))
  })
  afterEach(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const questions = (options: DnsOptions = {}) =>
    new DnsQuestions({ servers: [server.address], patienceMs: 100, file: join(folder, 'resolv.conf'), ...options })

  it('give every address, IPv4 first', async () => {
    server.knows('both.example', ['2001:db8::1', '192.0.2.1', '192.0.2.2'])
    expect(await questions().addresses('both.example')).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
  })

  it('are asked afresh each time', async () => {
    const asked = questions()
    server.knows('turncoat.example', ['192.0.2.1'])
    expect(await asked.addresses('turncoat.example')).toEqual(['192.0.2.1'])
    server.knows('turncoat.example', ['127.0.0.1'])
    expect(await asked.addresses('turncoat.example')).toEqual(['127.0.0.1'])
  })

  it('end with the code of a name server where there is no answer, or none in time', async () => {
    server.isSilentAbout('silent.example')
    for (const name of ['unknown.example', 'silent.example']) {
      const failure: unknown = await questions()
        .addresses(name)
        ?.catch((error: unknown) => error)
      expect([name, transportErrorCode(failure)]).toEqual([name, 'dns'])
    }
  })

  it('are not held up by any number of names that nobody answers for', async () => {
    const asked = questions({ patienceMs: 5_000 })
    server.knows('healthy.example', ['192.0.2.1'])
    let ended = 0
    for (let at = 0; at < 64; at += 1) {
      server.isSilentAbout(`silent-${at}.example`)
      void asked.addresses(`silent-${at}.example`)?.catch(() => (ended += 1))
    }
    expect(await asked.addresses('healthy.example')).toEqual(['192.0.2.1'])
    expect(ended).toBe(0)
  })

  it('go on with the suffixes of the system for a name that there is not', async () => {
    const file = join(folder, 'resolv.conf')
    writeFileSync(file, 'nameserver 192.0.2.53\nsearch first.example. second.example\n')
    server.knows('hooks.team.second.example', ['192.0.2.1'])
    const asked = questions({ file })
    expect(await asked.addresses('hooks.team')).toEqual(['192.0.2.1'])
    await expect(asked.addresses('nobody.team')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it('go on with the suffixes for a name that is but another name for one without addresses', async () => {
    const file = join(folder, 'resolv.conf')
    writeFileSync(file, 'nameserver 192.0.2.53\nsearch team.example\n')
    server.knowsAlias('alias.example', 'nothing.example')
    await expect(questions({ file }).addresses('alias.example')).rejects.toMatchObject({ code: 'ENODATA' })
    server.knows('alias.example.team.example', ['192.0.2.1'])
    expect(await questions({ file }).addresses('alias.example')).toEqual(['192.0.2.1'])
  })

  it.each([
    ['aaaa', ['192.0.2.1', '192.0.2.2']],
    ['a', ['2001:db8::1']],
  ] as const)(
    'wait but shortly for a server that ignores what asks for %s once it has told of others',
    async (ignored, told) => {
      server.knows('half.example', ['192.0.2.1', '192.0.2.2', '2001:db8::1'])
      server.isSilentAbout('half.example', [ignored])
      const startedAt = performance.now()
      expect(await questions({ patienceMs: 5_000 }).addresses('half.example')).toEqual(told)
      expect(performance.now() - startedAt).toBeLessThan(2_500)
    },
  )

  it('wait for the other in full where the first has no address', async () => {
    server.knows('late.example', ['2001:db8::1'])
    server.answersLate('late.example', 'aaaa', 200)
    expect(await questions({ patienceMs: 5_000, graceMs: 10 }).addresses('late.example')).toEqual(['2001:db8::1'])
  })

  it('give what came shortly after, too', async () => {
    server.knows('late.example', ['192.0.2.1', '2001:db8::1'])
    server.answersLate('late.example', 'a', 50)
    const asked = questions({ patienceMs: 5_000, graceMs: 3_000 })
    expect(await asked.addresses('late.example')).toEqual(['192.0.2.1', '2001:db8::1'])
  })

  it('follow the file of the system', async () => {
    const file = join(folder, 'resolv.conf')
    const asked = new DnsQuestions({ file })
    expect(asked.addresses('a.example')).toBeNull()
    writeFileSync(file, `nameserver ${server.address}\n`)
    const asking = asked.addresses('a.example')
    expect(asking).not.toBeNull()
    await asking?.catch(() => {})
  })
})
