import 'reflect-metadata'
import { expect, it } from 'vitest'
import { isContentFault } from './content-fault.js'

const coded = (code: string) => Object.assign(new Error('no'), { code })

it.each([coded('22P05'), coded('22001'), coded('54000'), new RangeError('Invalid string length')])(
  'is the content: %o',
  (error) => expect(isContentFault(error)).toBe(true),
)

it.each([coded('ECONNREFUSED'), coded('57P01'), coded('40001'), coded('22'), new Error('no room'), null, 'no'])(
  'may pass: %o',
  (error) => expect(isContentFault(error)).toBe(false),
)
