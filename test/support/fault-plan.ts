import { setTimeout as pause } from 'node:timers/promises'
import type { FaultyWire } from './faulty-wire.js'
import type { Fleet, FleetMember } from './fleet.js'

/** What happens to a connection. */
const WIRE_FAULTS = ['cut', 'refuse', 'delay', 'silence', 'halfClose'] as const
/** What happens to a process. */
const PROCESS_FAULTS = ['kill', 'stop', 'freeze'] as const
const WAYS = ['postgres', 'redis', 'receiver'] as const

/** Of a scene: they are short. */
const FAULTS_OF_WIRES = 5
/** Between two of them, in ms. */
const REST_MS = 400
/** How long a process may take to find that a connection to Redis is dead, and to bring there what waited, in ms. */
const REDIS_SETTLES_MS = 5_000

/** One thing that goes wrong and is mended again. */
export interface Fault {
  /** The place of the fleet's member. */
  readonly member: number
  readonly kind: (typeof WIRE_FAULTS)[number] | (typeof PROCESS_FAULTS)[number]
  /** Of a fault of a connection. */
  readonly way: (typeof WAYS)[number]
  readonly forMs: number
  /** Each way, of `delay`. */
  readonly delayMs: number
}

/** Faults that go on at once, each list one after the other. */
export interface FaultScene {
  readonly ofProcesses: readonly Fault[]
  readonly ofWires: readonly Fault[]
}

/**
 * The next scene. Who is killed in it has Redis all the time: what of its streams has not come there yet dies with it.
 */
export function planScene(random: () => number, members: number): FaultScene {
  const whole = (below: number) => Math.floor(random() * below)
  const one = <Item>(all: readonly Item[]) => all[whole(all.length)] as Item
  const first = whole(members)
  const second = (first + 1 + whole(members - 1)) % members
  const ofProcess = (member: number): Fault => {
    const kind = one(PROCESS_FAULTS)
    const forMs = kind === 'freeze' ? 2_500 + whole(2_500) : 200 + whole(2_000)
    return { member, kind, way: 'postgres', forMs, delayMs: 0 }
  }
  const ofWire = (): Fault => {
    const member = whole(members)
    const ways = member === first || member === second ? WAYS.filter((way) => way !== 'redis') : WAYS
    return { member, kind: one(WIRE_FAULTS), way: one(ways), forMs: 200 + whole(2_500), delayMs: 50 + whole(950) }
  }
  return { ofProcesses: [first, second].map(ofProcess), ofWires: Array.from({ length: FAULTS_OF_WIRES }, ofWire) }
}

/** Lets a scene happen. */
export async function sufferScene(
  { ofProcesses, ofWires }: FaultScene,
  fleet: Fleet,
  receiver: FaultyWire,
): Promise<void> {
  const inTurn = async (faults: readonly Fault[]) => {
    for (const fault of faults) await suffer(fault, fleet, receiver)
  }
  await Promise.all([inTurn(ofProcesses), inTurn(ofWires)])
  if (ofWires.some(({ way }) => way === 'redis')) await pause(REDIS_SETTLES_MS)
}

/** Lets a fault happen, and mends it. */
async function suffer(fault: Fault, fleet: Fleet, receiver: FaultyWire): Promise<void> {
  const member = fleet.members[fault.member]
  if (!member) throw new Error(`there is no member ${fault.member}`)
  if (!isOfWire(fault.kind)) return sufferAsProcess(fault, fleet, member)
  const wire = fault.way === 'receiver' ? receiver : member[fault.way]
  if (fault.kind === 'delay') wire.delayMs = fault.delayMs
  else wire[fault.kind]()
  await pause(fault.forMs)
  wire.heal()
  await pause(REST_MS)
}

/** As it stands in a test's story. */
export function describeScene({ ofProcesses, ofWires }: FaultScene, fleet: Fleet): string {
  const told = [ofProcesses, ofWires].map((faults) => faults.map((fault) => describeFault(fault, fleet)).join(', '))
  return `[${told.join(' | ')}]`
}

function describeFault({ member, kind, way, forMs, delayMs }: Fault, { members }: Fleet): string {
  const name = members[member]?.name ?? member
  if (!isOfWire(kind)) return `${kind} ${name} ${forMs}`
  return `${kind} ${name}-${way} ${forMs}${kind === 'delay' ? ` by ${delayMs}` : ''}`
}

async function sufferAsProcess({ kind, forMs }: Fault, fleet: Fleet, member: FleetMember): Promise<void> {
  if (kind === 'freeze') {
    member.process?.signal('SIGSTOP')
    await pause(forMs)
    member.process?.signal('SIGCONT')
    return
  }
  await member.end(kind === 'kill' ? 'SIGKILL' : 'SIGTERM')
  fleet.balance()
  await pause(forMs)
  await member.start()
  fleet.balance()
}

function isOfWire(kind: Fault['kind']): kind is (typeof WIRE_FAULTS)[number] {
  return (WIRE_FAULTS as readonly string[]).includes(kind)
}
