import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { SystemResolver } from './resolver.js'

describe('SystemResolver', () => {
  it('asks once for a name that several attempts ask for at the same time, and afresh afterwards', async () => {
    const asked: string[] = []
    const answers = [['192.0.2.1'], ['192.0.2.2']]
    const resolver = new SystemResolver((host) => {
      asked.push(host)
      return Promise.resolve((answers.shift() ?? []).map((address) => ({ address, family: 4 })))
    })
    const both = await Promise.all([resolver.resolve('a.example'), resolver.resolve('a.example')])
    expect(both).toEqual([['192.0.2.1'], ['192.0.2.1']])
    expect(await resolver.resolve('a.example')).toEqual(['192.0.2.2'])
    expect(asked).toEqual(['a.example', 'a.example'])
  })

  it('fails each of them, and asks again for the next', async () => {
    let fails = true
    const resolver = new SystemResolver(() =>
      fails ? Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) : Promise.resolve([]),
    )
    const both = await Promise.allSettled([resolver.resolve('a.example'), resolver.resolve('a.example')])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    expect(await resolver.resolve('a.example')).toEqual([])
  })

  it('finds this machine', async () => {
    const addresses = await new SystemResolver().resolve('localhost')
    expect(addresses.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true)
  })
})
