import 'reflect-metadata'
import { CronTime } from 'cron'
import { describe, expect, it, vi } from 'vitest'
import { CronFieldsError } from './cron-fields.js'
import { CronSchedule, UnknownZoneError } from './cron-schedule.js'

/** The first firings after a time, as ISO text without what is always the same. */
function firings(schedule: string, timezone: string | null, from: string, count: number): string[] {
  const cron = new CronSchedule(schedule, timezone)
  const times: string[] = []
  for (let time: Date | null = new Date(from); times.length < count && (time = cron.nextAfter(time));) {
    times.push(time.toISOString().replace('.000Z', 'Z'))
  }
  return times
}

describe('the next date of a schedule', () => {
  it.each<[schedule: string, from: string, next: string]>([
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
    ['* * * * *', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01:00Z'],
    ['* * * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
    ['* * * * * *', '2026-01-01T00:00:00.400Z', '2026-01-01T00:00:01Z'],
    ['0 9 * * * 30', '2026-01-01T00:00:00Z', '2026-01-01T09:00:30Z'],
    ['*/15 * * * *', '2026-01-01T00:15:00Z', '2026-01-01T00:30:00Z'],
    ['5/20 * * * *', '2026-01-01T00:30:00Z', '2026-01-01T00:45:00Z'],
    ['1-10/3,50 * * * *', '2026-01-01T00:07:00Z', '2026-01-01T00:10:00Z'],
    ['1-10/3,50 * * * *', '2026-01-01T00:10:00Z', '2026-01-01T00:50:00Z'],
    ['0 0 1 JAN *', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['0 0 * feb-Mar,Dec *', '2026-03-31T00:00:00Z', '2026-12-01T00:00:00Z'],
    ['0 0 * * mon-fri', '2026-01-02T00:00:00Z', '2026-01-05T00:00:00Z'],
    ['0 0 * * fri-sun', '2026-01-03T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['0 0 * * sun-sun', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['0 0 * * 0', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['0 0 * * 7', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['0 0 13 * 5', '2026-01-09T00:00:00Z', '2026-01-13T00:00:00Z'],
    ['0 0 13 * 5', '2026-01-13T00:00:00Z', '2026-01-16T00:00:00Z'],
    ['0 0 */2 * 1', '2026-01-11T00:00:00Z', '2026-01-12T00:00:00Z'],
    ['0 0 31 * *', '2026-01-31T00:00:00Z', '2026-03-31T00:00:00Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['59 23 31 12 * 59', '2026-01-01T00:00:00Z', '2026-12-31T23:59:59Z'],
    ['  0\t0  * * *  ', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ])('%s after %s is %s', (schedule, from, next) => {
    expect(firings(schedule, null, from, 1)).toEqual([next])
  })

  it.each<[zone: string, next: string]>([
    ['Europe/Berlin', '2026-01-01T08:00:00Z'],
    ['America/New_York', '2026-01-01T14:00:00Z'],
    ['Asia/Kathmandu', '2026-01-01T03:15:00Z'],
    ['Pacific/Kiritimati', '2026-01-01T19:00:00Z'],
    ['Etc/GMT+5', '2026-01-01T14:00:00Z'],
    ['UTC', '2026-01-01T09:00:00Z'],
  ])('nine o’clock in %s is %s', (zone, next) => {
    expect(firings('0 9 * * *', zone, '2026-01-01T00:00:00Z', 1)).toEqual([next])
  })

  it.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 31 feb *'])('%s never comes', (schedule) => {
    expect(firings(schedule, null, '2026-01-01T00:00:00Z', 1)).toEqual([])
    expect(firings(schedule, 'Europe/Berlin', '2026-03-29T00:30:00Z', 1)).toEqual([])
    expect(firings(schedule.replace('0 0', '0 *'), 'Europe/Berlin', '2026-10-25T00:30:00Z', 1)).toEqual([])
  })
})

describe('clocks that go forward', () => {
  it.each<[what: string, schedule: string, zone: string, from: string, times: string[]]>([
    [
      'a day that was skipped whole fires at the end of the gap',
      '0 23 * * *',
      'Pacific/Apia',
      '2011-12-29T12:00:00Z',
      ['2011-12-30T09:00:00Z', '2011-12-30T10:00:00Z', '2011-12-31T09:00:00Z'],
    ],
    [
      'a skipped time fires right after the gap',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T00:00:00Z',
      ['2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
    ],
    [
      'many skipped times fire once',
      '*/10 2 * * *',
      'Europe/Berlin',
      '2026-03-28T01:50:00Z',
      ['2026-03-29T01:00:00Z', '2026-03-30T00:00:00Z'],
    ],
    [
      'with the time right after the gap once',
      '0,30 2,3 * * *',
      'Europe/Berlin',
      '2026-03-29T00:00:00Z',
      ['2026-03-29T01:00:00Z', '2026-03-29T01:30:00Z', '2026-03-30T00:00:00Z'],
    ],
    [
      'what is not skipped keeps its local time',
      '0 9 * * *',
      'Europe/Berlin',
      '2026-03-28T00:00:00Z',
      ['2026-03-28T08:00:00Z', '2026-03-29T07:00:00Z'],
    ],
    [
      'every quarter of an hour stays so',
      '*/15 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      ['2026-03-29T00:45:00Z', '2026-03-29T01:00:00Z', '2026-03-29T01:15:00Z'],
    ],
    [
      'in the west',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00:00Z',
      ['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z'],
    ],
    [
      'by half an hour, in the south',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00:00Z',
      ['2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z'],
    ],
    [
      'by half an hour, a schedule of every hour',
      '15 * * * *',
      'Australia/Lord_Howe',
      '2026-10-03T14:00:00Z',
      ['2026-10-03T14:45:00Z', '2026-10-03T15:30:00Z', '2026-10-03T16:15:00Z'],
    ],
    [
      'where the skipped hour is midnight',
      '0 0 * * *',
      'Africa/Cairo',
      '2026-04-22T23:00:00Z',
      ['2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
    ],
  ])('%s: %s in %s', (_what, schedule, zone, from, times) => {
    expect(firings(schedule, zone, from, times.length)).toEqual(times)
  })
})

describe('clocks that go back', () => {
  it.each<[what: string, schedule: string, zone: string, from: string, times: string[]]>([
    [
      'a doubled time fires once, the first time',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ],
    ['asked for between the two', '30 2 * * *', 'Europe/Berlin', '2026-10-25T01:10:00Z', ['2026-10-26T01:30:00Z']],
    [
      'every time of a doubled hour fires once',
      '*/20 2,3 * * *',
      'Europe/Berlin',
      '2026-10-25T00:20:00Z',
      ['2026-10-25T00:40:00Z', '2026-10-25T02:00:00Z', '2026-10-25T02:20:00Z'],
    ],
    [
      'also by the second',
      '* 2,3 * * * *',
      'Europe/Berlin',
      '2026-10-25T00:59:58Z',
      ['2026-10-25T00:59:59Z', '2026-10-25T02:00:00Z'],
    ],
    [
      'every half hour stays so',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:50:00Z',
      [
        '2026-10-25T00:00:00Z',
        '2026-10-25T00:30:00Z',
        '2026-10-25T01:00:00Z',
        '2026-10-25T01:30:00Z',
        '2026-10-25T02:00:00Z',
      ],
    ],
    ...['*/1', '0-23'].map((hours): [string, string, string, string, string[]] => [
      'every hour in other words',
      `0 ${hours} * * *`,
      'Europe/Berlin',
      '2026-10-25T00:00:00Z',
      ['2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'],
    ]),
    [
      'in the west',
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00:00Z',
      ['2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z'],
    ],
    [
      'by half an hour, in the south',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T12:00:00Z',
      ['2026-04-04T14:45:00Z', '2026-04-05T15:15:00Z'],
    ],
    [
      'by half an hour, a schedule of every hour',
      '45 * * * *',
      'Australia/Lord_Howe',
      '2026-04-04T14:30:00Z',
      ['2026-04-04T14:45:00Z', '2026-04-04T15:15:00Z', '2026-04-04T16:15:00Z'],
    ],
    [
      'only on that day, though every hour of it',
      '0 * 25 10 *',
      'Europe/Berlin',
      '2026-10-24T23:30:00Z',
      ['2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'],
    ],
    [
      'into the day before, which comes to its end twice',
      '30 * 5 4 *',
      'America/Santiago',
      '2026-04-05T02:00:00Z',
      ['2026-04-05T04:30:00Z'],
    ],
    [
      'next year, the first time of two',
      '30 * 25 10 *',
      'Europe/Berlin',
      '2026-01-01T00:00:00Z',
      ['2026-10-24T22:30:00Z', '2026-10-24T23:30:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
    ],
  ])('%s: %s in %s', (_what, schedule, zone, from, times) => {
    expect(firings(schedule, zone, from, times.length)).toEqual(times)
  })
})

describe('what holds of every schedule, over all changes of a year', () => {
  /** The day before a change. */
  const changes: [zone: string, from: string][] = [
    ['Europe/Berlin', '2026-03-28T00:00:00Z'],
    ['Europe/Berlin', '2026-10-24T00:00:00Z'],
    ['America/New_York', '2026-03-07T00:00:00Z'],
    ['America/New_York', '2026-10-31T00:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-03T00:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T00:00:00Z'],
    ['Africa/Casablanca', '2026-02-14T00:00:00Z'],
    ['Africa/Casablanca', '2026-03-21T00:00:00Z'],
  ]
  const cases = changes.flatMap((change) =>
    ['17 * * * *', '17 2 * * *', '*/45 1-3 * * *'].map((text) => [text, ...change]),
  )

  it.each(cases)(
    '%s in %s goes on after %s, by its local time but for a gap',
    (schedule = '', zone = '', from = '') => {
      const local = new Intl.DateTimeFormat('en-GB', { timeZone: zone, minute: '2-digit', second: '2-digit' })
      const minutes = new Set(schedule.startsWith('*') ? ['00:00', '45:00'] : ['17:00'])
      const times = firings(schedule, zone, from, 60)
      expect(times).toHaveLength(60)
      expect([...new Set(times)].sort()).toEqual(times)
      const odd = times.filter((time) => !minutes.has(local.format(new Date(time))))
      expect(odd.length).toBeLessThanOrEqual(1)
    },
  )
})

describe('what is no schedule', () => {
  it.each([
    '',
    ' ',
    'nonsense',
    '* * * *',
    '* * * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * 32 * *',
    '* * * 0 *',
    '* * * 13 *',
    '* * * * 8',
    '* * * * * 60',
    '*/0 * * * *',
    '-1 * * * *',
    '10-5 * * * *',
    '1,,2 * * * *',
    '1- * * * *',
    'mon * * * *',
    '* * * foo *',
    '* * * * funday',
    '* * * * monday',
    '* * L * *',
    '* * * * 5#2',
    '1.5 * * * *',
    '? * * * *',
    '@daily',
    '** * * * *',
    '١ * * * *',
    `${'0,'.repeat(500)}0 * * * *`,
  ])('%j', (schedule) => {
    expect(() => new CronSchedule(schedule, null)).toThrow(CronFieldsError)
  })

  it.each([
    ['5-1 * * * *', 'minute: 5-1 ends before it begins; split it in two, as 5-59,0-1'],
    ['0 22-2/2 * * *', 'hour: 22-2/2 ends before it begins; split it in two, as 22-23,0-2'],
    ['0 0 * dec-feb *', 'month: dec-feb ends before it begins; split it in two, as dec-dec,jan-feb'],
    ['0 0 * * mon,fri-mon', 'day of week: fri-mon ends before it begins; split it in two, as fri-sat,sun-mon'],
    ['*/0 * * * *', 'minute: the step of */0 must be 1 or more'],
    ['0 0 1-5/00 * *', 'day of month: the step of 1-5/00 must be 1 or more'],
    ['100 * * * *', 'minute "100" is not valid; it takes 0-59, *, lists (a,b), ranges (a-b) and steps (*/n)'],
    ['0 0 * foo *', 'month "foo" is not valid; it takes 1-12 or jan-dec, *, lists (a,b), ranges (a-b) and steps (*/n)'],
    [
      '0 9 * * Monday',
      'day of week "monday" is not valid; it takes 0-7 or sun-sat, *, lists (a,b), ranges (a-b) and steps (*/n)',
    ],
  ])('%j, and says how to write it', (schedule, reason) => {
    expect(() => new CronSchedule(schedule, null)).toThrow(new CronFieldsError(reason))
  })

  it.each(['0 0 * * fri-sun', '0 0 * * sun-tue', '0 0 * * fri-sat,sun-mon', '0 0 * dec-dec,jan-feb *', '0 0 * * 5-7'])(
    'but %j is one',
    (schedule) => {
      expect(() => new CronSchedule(schedule, null)).not.toThrow()
    },
  )

  it.each(['', 'Mars/Base', 'CEST+1', '+02:00', 'local', 'Europe/Berlin ', 'Europe\u0000'])(
    'nor is %j a zone',
    (zone) => {
      expect(() => new CronSchedule('* * * * *', zone)).toThrow(UnknownZoneError)
    },
  )
})

it('does not take a fault of the library for a schedule without a next date', () => {
  const fault = new Error('a fault')
  const schedule = new CronSchedule('* * * * *', null)
  const next = vi.spyOn(CronTime.prototype, 'getNextDateFrom').mockImplementationOnce(() => {
    throw fault
  })
  expect(() => schedule.nextAfter(new Date())).toThrow(fault)
  next.mockRestore()
  expect(new CronSchedule('0 0 30 2 *', null).nextAfter(new Date())).toBeNull()
})
