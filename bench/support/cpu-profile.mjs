// Where the time of a CPU profile went: by function, alone and with all it called, and by package; `owners` gives what
// the engine of Node did to the package that had it done.

/** @typedef {{ name: string, ms: number }} Share */

/**
 * @param {any} profile as the inspector gives it
 * @returns {{ totalMs: number, self: Share[], inclusive: Share[], owners: Share[], packagesInclusive: Share[] }}
 */
export function summarise(profile) {
  const nodes = new Map(profile.nodes.map((node) => [node.id, { ...node, selfMs: 0 }]))
  profile.samples.forEach((id, n) => (nodes.get(id).selfMs += profile.timeDeltas[n] / 1000))
  const all = { self: new Map(), inclusive: new Map(), owners: new Map(), packagesInclusive: new Map() }
  walk(nodes, nodes.get(profile.nodes[0].id), all)
  const totalMs = [...nodes.values()].reduce((sum, { selfMs }) => sum + selfMs, 0)
  const ranked = Object.entries(all).map(([kind, shares]) => [kind, sorted(shares)])
  return { totalMs, ...Object.fromEntries(ranked) }
}

/** Adds a node and what is below it; a function that calls itself counts once. */
function walk(nodes, root, all) {
  const path = []
  const visit = (node) => {
    const [name, place] = [nameOf(node), packageOf(node)]
    add(all.self, name, node.selfMs)
    add(all.owners, ownerOf(place, path), node.selfMs)
    const isFirst = !path.some((each) => each.name === name)
    const isFirstOfPackage = !path.some((each) => each.place === place)
    path.push({ name, place })
    let below = node.selfMs
    for (const id of node.children ?? []) below += visit(nodes.get(id))
    path.pop()
    if (isFirst) add(all.inclusive, name, below)
    if (isFirstOfPackage) add(all.packagesInclusive, place, below)
    return below
  }
  visit(root)
}

/** The nearest package on the way to it. */
function ownerOf(place, path) {
  if (place !== 'node' && place !== '(native)') return place
  return path.findLast((each) => each.place !== 'node' && each.place !== '(native)')?.place ?? place
}

function add(shares, name, ms) {
  shares.set(name, (shares.get(name) ?? 0) + ms)
}

function sorted(shares) {
  return [...shares].map(([name, ms]) => ({ name, ms })).toSorted((a, b) => b.ms - a.ms)
}

function nameOf({ callFrame: { functionName, url, lineNumber } }) {
  const file = url
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/package\/dist\//, 'signalbox:')
    .replace('file://', '')
  return url ? `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}` : functionName
}

/** The package or the room that a function is of. */
function packageOf({ callFrame: { functionName, url } }) {
  if (!url) return functionName.startsWith('(') ? functionName : '(native)'
  if (url.includes('profiler-preload')) return '(profiler)'
  if (url.startsWith('node:')) return 'node'
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*\/node_modules\/)/.exec(url)
  if (dependency) return dependency[1]
  return /\/dist\/((?:libs|apps)\/[^/]+)/.exec(url)?.[1] ?? 'graphs of the project'
}
