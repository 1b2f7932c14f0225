import 'reflect-metadata'
import { expect, it } from 'vitest'
import { FakeImporter, graphSettings } from './executor.spec.support.js'
import { UserModules } from './user-modules.js'

const modules = new UserModules(
  graphSettings({}),
  new FakeImporter({
    '/project/lib/a.ts': () => ({ embed: 3, other: 4 }),
    '/project/broken.ts': () => {
      throw new SyntaxError('Unexpected token')
    },
  }),
)

it('gives the value of an export', async () => {
  expect(await modules.load({ file: '/project/lib/a.ts', exportName: 'embed' }, 'store.index.embed')).toBe(3)
})

it.each([
  ['/project/lib/a.ts', 'x', 'store.index.embed (lib/a.ts): has no export "x", it exports embed, other.'],
  ['/project/empty.ts', 'x', 'store.index.embed (empty.ts): has no export "x", it exports nothing.'],
  ['/project/broken.ts', 'x', 'store.index.embed (broken.ts): could not be loaded: SyntaxError: Unexpected token'],
])('refuses the start over %s', async (file, exportName, message) => {
  await expect(modules.load({ file, exportName }, 'store.index.embed')).rejects.toMatchObject({
    code: 'start_refused',
    message,
  })
})
