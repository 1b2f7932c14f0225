// The goals of the design, each computed from the samples of one run, held or missed.
import { median } from '../support/statistics.mjs'

/**
 * @typedef {object} Goal
 * @property {string} text
 * @property {string} goal
 * @property {(value: (path: string, who: string) => number, scale: import('../options.mjs').Scale) => Record<string, number>} figures by who; NaN where a
 *   sample is missing
 * @property {(figure: number) => boolean} isHeld
 * @property {(figure: number) => string} [show]
 * @property {(value: (path: string, who: string) => number) => string} [bound] what a missed goal is bound by
 */

/** Of each stream. */
const EVENTS_PER_SECOND = 50

const atMost = (limit) => (figure) => figure <= limit
const atLeast = (limit) => (figure) => figure >= limit
const times = (figure) => `${figure.toFixed(2)} ×`
const percent = (figure) => `${(100 * figure).toFixed(0)} %`
const ms = (figure) => `${figure.toFixed(1)} ms`
const cpu = (figure) => `${figure.toFixed(1)} ms`
const seconds = (figure) => `${figure.toFixed(2)} s`

const GROWTH_NAMES = {
  stateless: 'stateless wait, idle',
  onThread: 'wait on a thread, idle',
  waits: 'stateless waits per second',
  hooks: 'thread runs with webhooks per second',
  background: 'background runs per second',
  ratio: 'deliveries of a bare loop',
}

const BACKLOG_BOUND =
  'a delivery is written anew when it is claimed and when it has arrived, each time with an entry in every index that lists, figures and retention read by, and its attempt is a row. Runs, threads and hosts lie all over a large table: a delivery touches 12 % more pages than on an empty table, and twice as many of them (2.2) are not in `shared_buffers`. The claim itself reads as many rows.'

/** @type {Goal[]} */
const GOALS = [
  {
    text: 'wait of a two-node graph, idle, beside the dev server',
    goal: '≤ 1/30',
    figures: (value) => ({
      'embedded, stateless': value('idle/stateless', 'embedded') / value('idle/stateless', 'reference'),
      'embedded, on a thread': value('idle/onThread', 'embedded') / value('idle/onThread', 'reference'),
      'PostgreSQL, stateless': value('idle/stateless', 'postgres') / value('idle/stateless', 'reference'),
      'PostgreSQL, on a thread': value('idle/onThread', 'postgres') / value('idle/onThread', 'reference'),
    }),
    isHeld: atMost(1 / 30),
    show: (figure) => `1/${(1 / figure).toFixed(1)}`,
    bound: (value) =>
      `the dev server takes ${ms(value('idle/stateless', 'reference'))}, most of it its poll of half a second, whatever the machine. A thirtieth of that is ${ms(value('idle/stateless', 'reference') / 30)}; bare \`graph.invoke\` with LangGraph's PostgresSaver alone takes ${ms(value('idle/stateless', 'barePostgres'))} here.`,
  },
  {
    text: 'the same, beside bare `graph.invoke` with the same checkpointer on the same database',
    goal: '≤ 1.5 ×',
    figures: (value) => ({
      'embedded, stateless': value('idle/stateless', 'embedded') / value('idle/stateless', 'bareEmbedded'),
      'embedded, on a thread': value('idle/onThread', 'embedded') / value('idle/onThread', 'bareEmbedded'),
      'PostgreSQL, stateless': value('idle/stateless', 'postgres') / value('idle/stateless', 'barePostgres'),
      'PostgreSQL, on a thread': value('idle/onThread', 'postgres') / value('idle/onThread', 'barePostgres'),
    }),
    isHeld: atMost(1.5),
    show: times,
    bound: () =>
      'beside its checkpoints, which both write, a run on a thread is a row before its creation is answered, a claim, and an end that its answer waits for: three commits to the disk, one after the other, with two packets each way for the first and the last.',
  },
  {
    text: 'stateless waits per second, 32 clients, beside the dev server',
    goal: '≥ 4 ×',
    figures: (value) => ({
      embedded: value('throughput/waits', 'embedded') / value('throughput/waits', 'reference'),
      PostgreSQL: value('throughput/waits', 'postgres') / value('throughput/waits', 'reference'),
    }),
    isHeld: atLeast(4),
    show: times,
    bound: (value) =>
      `one thread of Node answers requests and runs graphs, and it is full: on PostgreSQL ${cpu(value('throughput/waitsCpu', 'postgres') - value('throughput/waitsDatabase', 'postgres'))} of CPU time a run, where ${cpu(1000 / (4 * value('throughput/waits', 'reference')))} would be four times the dev server. By the profile (\`node bench/profile.mjs --load waits\`) some 40 % of it is LangGraph's and LangChain's steps, the callback that gives other work a turn included, 15 % sending statements, 10 % garbage collection; the graph alone, with no checkpointer, takes ${cpu(value('throughput/waitsCpu', 'bareNone'))}. What more there is takes more worker processes.`,
  },
  {
    text: 'thread runs with webhooks per second, beside bare `invoke` with the same checkpointer',
    goal: '≥ 65 %',
    figures: (value) => ({
      PostgreSQL: value('throughput/hooks', 'postgres') / value('throughput/hooks', 'barePostgres'),
    }),
    isHeld: atLeast(0.65),
    show: percent,
    bound: () => 'the same thread, and client, receiver and PostgreSQL on the same two cores; see the CPU time below.',
  },
  {
    text: 'the same, in CPU time of server and database per run',
    goal: '≥ 85 %',
    figures: (value) => ({
      PostgreSQL: value('throughput/hooksCpu', 'barePostgres') / value('throughput/hooksCpu', 'postgres'),
    }),
    isHeld: atLeast(0.85),
    show: percent,
    bound: (value) =>
      `a run with a webhook is two HTTP exchanges, four transactions (created, claimed, ended with its delivery, delivery settled) and the same checkpoints: PostgreSQL alone takes ${cpu(value('throughput/hooksDatabase', 'postgres'))} of it, for the bare graph ${cpu(value('throughput/hooksDatabase', 'barePostgres'))}. By the profile (\`--load hooks\`) some 30 % of the server's part is LangGraph and 20 % sending statements.`,
  },
  {
    text: 'the same, beside the dev server, which keeps everything in memory',
    goal: '> 1 ×',
    figures: (value) => ({
      waits: value('throughput/hooks', 'postgres') / value('throughput/hooks', 'reference'),
      background: value('throughput/background', 'postgres') / value('throughput/background', 'reference'),
    }),
    isHeld: (figure) => figure > 1,
    show: times,
    bound: () => 'as above: the dev server stores nothing, and its webhooks are sent once and forgotten.',
  },
  {
    text: 'run ended → webhook received, idle, median',
    goal: '≤ 15 ms',
    figures: (value) => ofDatabases((who) => value('webhooks/idleMedian', who)),
    isHeld: atMost(15),
    show: ms,
  },
  {
    text: 'the same, p99',
    goal: '≤ 50 ms',
    figures: (value) => ofDatabases((who) => value('webhooks/idleP99', who)),
    isHeld: atMost(50),
    show: ms,
  },
  {
    text: 'run ended → wait answered by another process, idle, median',
    goal: '≤ 20 ms',
    figures: (value) => ({ 'one worker': value('workers/waitMedian', 'workers1') }),
    isHeld: atMost(20),
    show: ms,
  },
  {
    text: 'the same, p99',
    goal: '≤ 20 ms',
    figures: (value) => ({ 'one worker': value('workers/waitP99', 'workers1') }),
    isHeld: atMost(20),
    show: ms,
  },
  {
    text: 'webhook deliveries per second from a backlog, beside a bare loop of posts',
    goal: '≥ 50 %',
    figures: (value) => ofDatabases((who) => value('webhooks/ratio', who)),
    isHeld: atLeast(0.5),
    show: percent,
  },
  ...Object.keys(GROWTH_NAMES).map(growthGoal),
  {
    text: 'start to ready, embedded, warm',
    goal: '≤ 2 s',
    figures: (value) => ({ embedded: value('starts/warm', 'embedded') }),
    isHeld: atMost(2),
    show: seconds,
    bound: (value) =>
      `on PostgreSQL the same start takes ${seconds(value('starts/warm', 'postgres'))}: it is the reading of modules, those of LangGraph, TypeORM and Nest above all (1.2 s on one thread). Opening PGlite takes 0.4 s more; it goes on beside, on the other core, as far as V8's compiling of it lets it.`,
  },
  {
    text: 'start to ready, embedded, first',
    goal: '≤ 4 s',
    figures: (value) => ({ embedded: value('starts/first', 'embedded') }),
    isHeld: atMost(4),
    show: seconds,
  },
  ...streamGoals('', 'streams open at once, a run each'),
  ...streamGoals('shared.', 'streams open at once, on ten runs'),
]

/** A time is as good as its inverse is great. */
function growthGoal(row) {
  const isTime = row === 'stateless' || row === 'onThread'
  return {
    text: `with a past in the tables: ${GROWTH_NAMES[row]}`,
    goal: '≥ 90 %',
    figures: (value) =>
      ofDatabases((who) => {
        const [empty, full] = [value(`growth/${row}`, `${who}Empty`), value(`growth/${row}`, `${who}Full`)]
        return isTime ? empty / full : full / empty
      }),
    isHeld: atLeast(0.9),
    show: percent,
    ...(row === 'ratio' ? { bound: () => BACKLOG_BOUND } : {}),
  }
}

function streamGoals(prefix, text) {
  const goal = (row, what, rest) => ({
    text: `${text}: ${what}`,
    figures: (value) => ofDatabases((who) => value(`streams/${prefix}${row}`, who)),
    ...rest,
  })
  return [
    goal('arrived', 'events that arrive', {
      goal: 'all',
      isHeld: (figure) => figure === 100,
      show: (figure) => `${figure.toFixed(2)} %`,
      bound: () =>
        'those that had not come when the reading ended were late, not lost: see the rate, which is what is bound. None is missing before the last that came.',
    }),
    goal('disorder', 'events out of order', { goal: 'none', isHeld: (figure) => figure === 0, show: String }),
    {
      text: `${text}: events/s beside those that are due`,
      goal: '≥ 90 %',
      figures: (value, { streams }) =>
        ofDatabases((who) => value(`streams/${prefix}rate`, who) / (streams * EVENTS_PER_SECOND)),
      isHeld: atLeast(0.9),
      show: percent,
      bound: (value) =>
        `one thread of Node, which is full; the graph alone, by \`graph.stream\` with no server, fills it at ${value('streams/rate', 'bareNone').toFixed(0)} events/s when every stream has a run of its own. By the profile (\`--load streams\`) a quarter of an event is the writing to its socket, 23 % LangChain's and LangGraph's way from the writer to the end of \`graph.stream\`, 17 % garbage collection, 20 % this server's own, and most of the rest microtasks and the hooks that \`AsyncLocalStorage\`, which LangGraph needs, hangs on every promise. That many streams with a graph each need several workers.`,
    },
    goal('delayP99', 'written → arrived, p99', { goal: '≤ 250 ms', isHeld: atMost(250), show: ms }),
  ]
}

function ofDatabases(figure) {
  return { embedded: figure('embedded'), PostgreSQL: figure('postgres') }
}

/** @param {any} results */
export function goalsTable(results) {
  const value = valuesOf(results)
  const rows = GOALS.flatMap((goal) => goalRows(goal, value, results.scale))
  return [['| figure | goal | measured | |', '|---|---|---|---|', ...rows].join('\n'), ...bounds(results)].join('\n\n')
}

/** Of each goal that was missed, what the profile shows as its bound. */
function bounds(results) {
  const value = valuesOf(results)
  const isMissed = ({ figures, isHeld }) =>
    Object.values(figures(value, results.scale)).some((figure) => Number.isFinite(figure) && !isHeld(figure))
  const missed = GOALS.filter((goal) => goal.bound && isMissed(goal))
  if (missed.length === 0) return []
  return [
    'What bounds those that were missed:',
    missed.map(({ text, bound }) => `- ${text}: ${bound(value)}`).join('\n'),
  ]
}

function goalRows({ text, goal, figures, isHeld, show = String }, value, scale) {
  return Object.entries(figures(value, scale)).map(([who, figure]) => {
    const isThere = Number.isFinite(figure)
    const verdict = isThere ? (isHeld(figure) ? 'held' : '**missed**') : 'not measured'
    return `| ${text} (${who}) | ${goal} | ${isThere ? show(figure) : ''} | ${verdict} |`
  })
}

/** The median of a row of a section, `idle/stateless`; NaN when there is none. */
function valuesOf({ sections }) {
  return (path, who) => {
    const [id, row] = path.split('/')
    return median(sections.find((section) => section.id === id)?.samples[row]?.[who] ?? [])
  }
}
