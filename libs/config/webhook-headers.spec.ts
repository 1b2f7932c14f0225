import 'reflect-metadata'
import { expect, it } from 'vitest'
import { type Outcome, readWebhooksBlock as read } from './webhooks.spec.support.js'

const headers = (values: Record<string, unknown>, variables: Record<string, string> = {}, rest: object = {}): Outcome =>
  read({ headers: values, ...rest }, variables)

it('fills any number of templates, with and without spaces', () => {
  const variables = { LG_WEBHOOK_A: 'a', LG_WEBHOOK_B: '$&b' }
  const { webhooks, faults } = headers(
    { 'X-One': 'v ${{env.LG_WEBHOOK_A}}-${{   env.LG_WEBHOOK_B }}.', 'X-Two': '{"a":{"b":1}} $5', 'X-Three': '' },
    variables,
  )
  expect(faults).toEqual([])
  expect(webhooks.headers).toEqual([
    { name: 'X-One', value: 'v a-$&b.', filled: ['a', '$&b'] },
    { name: 'X-Two', value: '{"a":{"b":1}} $5', filled: [] },
    { name: 'X-Three', value: '', filled: [] },
  ])
})

it('does not fill what a variable brought', () => {
  const { webhooks } = headers({ 'X-A': '${{ env.LG_WEBHOOK_A }}' }, { LG_WEBHOOK_A: '${{ env.LG_WEBHOOK_A }}' })
  expect(webhooks.headers[0]!.value).toBe('${{ env.LG_WEBHOOK_A }}')
})

it.each(['${{', '${{ env.LG_WEBHOOK_A', '${{ foo }}', '${{ env. }}', '${{ env.A-B }}', '${{}}', '${{ ENV.X }}'])(
  'refuses the malformed template %j',
  (value) => {
    expect(headers({ 'X-A': value }).faults).toEqual(['file: webhooks.headers.X-A has a malformed template'])
  },
)

it.each(['{{ env.LG_WEBHOOK_A }}', '${env.LG_WEBHOOK_A}', '$ {{env.LG_WEBHOOK_A}}'])(
  'refuses %j, surely meant as a template',
  (value) => {
    expect(headers({ 'X-A': value }).faults).toEqual(['file: webhooks.headers.X-A has a malformed template'])
  },
)

it('names every unset variable and every one outside the prefix, and looks at none of the latter', () => {
  const value = '${{ env.LG_WEBHOOK_A }}${{ env.LG_WEBHOOK_B }}${{ env.HOME }}'
  expect(headers({ 'X-A': value }, { LG_WEBHOOK_B: '', HOME: 'h' }).faults).toEqual([
    'file: webhooks.headers.X-A uses the variable LG_WEBHOOK_A, which is not set',
    'file: webhooks.headers.X-A uses the variable LG_WEBHOOK_B, which is not set',
    'file: webhooks.headers.X-A uses the variable HOME, which does not begin with LG_WEBHOOK_',
  ])
})

it('takes another prefix, compared to the letter', () => {
  const rest = { env_prefix: 'HOOK_' }
  expect(headers({ 'X-A': '${{ env.HOOK_A }}' }, { HOOK_A: 'a' }, rest).webhooks.headers[0]?.value).toBe('a')
  expect(headers({ 'X-A': '${{ env.hook_A }}' }, { hook_A: 'a' }, rest).faults).toHaveLength(1)
  expect(headers({ 'X-A': '${{ env.LG_WEBHOOK_A }}' }, { LG_WEBHOOK_A: 'a' }, rest).faults).toHaveLength(1)
})

it.each(['', ' ', 'A-B', '9', 5, null])('refuses the prefix %j', (prefix) => {
  expect(headers({}, {}, { env_prefix: prefix }).faults).toEqual([
    expect.stringMatching(/^file: webhooks\.env_prefix (is empty|cannot begin a variable name|must be a string)/),
  ])
})

it.each(['line\nbreak', 'cr\r', 'nul\0', 'del\x7f', 'wide \u20ac'])(
  'refuses the value %j without showing it',
  (value) => {
    const fromVariable = headers({ 'X-A': 'Bearer ${{ env.LG_WEBHOOK_A }}' }, { LG_WEBHOOK_A: value })
    expect(fromVariable.faults).toEqual(['file: webhooks.headers.X-A has an illegal value (filled from LG_WEBHOOK_A)'])
    expect(fromVariable.text).not.toContain(JSON.stringify(value).slice(1, -1))
    const literal = headers({ 'X-A': value })
    expect(literal.faults).toEqual(['file: webhooks.headers.X-A has an illegal value'])
    expect(literal.text).not.toContain(JSON.stringify(value).slice(1, -1))
  },
)

it.each([5, true, null, [], {}])('refuses the value %j, which is no string', (value) => {
  expect(headers({ 'X-A': value }).faults).toEqual(['file: webhooks.headers.X-A must be a string'])
})

it.each([
  'Host',
  'Content-Type',
  'content-anything',
  'Transfer-Encoding',
  'Connection',
  'Expect',
  'webhook-id',
  'Webhook-Own',
  'X-Signalbox-Attempt',
  'Keep-Alive',
  'Proxy-Authorization',
  'proxy-connection',
  'TE',
  'Trailer',
  'Upgrade',
])('refuses the reserved name %s', (name) => {
  expect(headers({ [name]: 'x' }).faults).toEqual([`file: webhooks.headers.${name} is a reserved header name`])
})

it.each(['', 'a b', 'a:b', 'ä', 'a\n'])('refuses the name %j', (name) => {
  expect(headers({ [name]: 'x' }).faults).toEqual([
    `file: webhooks.headers[${JSON.stringify(name)}] is not a legal header name`,
  ])
})

it('refuses a name in two cases', () => {
  expect(headers({ 'X-Env': 'a', 'x-env': 'b' }).faults).toEqual([
    'file: webhooks.headers.x-env is the same header as "X-Env"',
  ])
})

it.each([[[]], ['x'], [null]])('refuses %j for headers', (value) => {
  expect(read({ headers: value }).faults).toEqual(['file: webhooks.headers must be an object of strings'])
})
