import { expect, it } from 'vitest'
import type { Ground } from './ground.js'
import { type ClientMethod, METHODS } from './methods.js'

/** Calls one method and checks what it gives. */
export type Case = () => Promise<void>

/** Tests every method of a client that is there by its case, and that no case is without a row. Returns the rows. */
export function testMethods(
  name: ClientMethod['client'],
  cases: Readonly<Record<string, Case>>,
  ground: () => Ground,
): readonly ClientMethod[] {
  const rows = METHODS.filter(({ client }) => client === name)

  it.each(rows.filter(({ absent }) => absent === undefined))('$call by $route', async ({ call, route }) => {
    const { requests } = ground()
    ground().forget()
    await cases[call]?.()
    expect(ground().hasReached(route), requests.join(', ')).toBe(true)
  })

  it('has a row for each test and no other', () => {
    const known = new Set(rows.map(({ call }) => call))
    expect(Object.keys(cases).filter((call) => !known.has(call))).toEqual([])
  })

  return rows
}
