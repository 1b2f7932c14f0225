import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './command.js'

const GRAPH = `import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { greet } from './greet.js'

const State = Annotation.Root({ name: Annotation<string>, greeting: Annotation<string> })

export const graph = new StateGraph(State)
  .addNode('greet', (state: typeof State.State) => ({ greeting: greet(state.name) }))
  .addEdge(START, 'greet')
  .addEdge('greet', END)
  .compile()
`

const GREET = `export enum Mood { Calm = 'Good day', Loud = 'HELLO' }
export const greet = (name: string, mood: Mood = Mood.Calm): string => \`\${mood}, \${name}\`
`

/** A user's folder with a graph in TypeScript and nothing of this repository. */
export class UserProject {
  readonly dir = mkdtempSync(join(tmpdir(), 'signalbox-user-'))

  constructor() {
    mkdirSync(join(this.dir, 'src'))
    this.#write('package.json', JSON.stringify({ name: 'user-project', version: '1.0.0', private: true }))
    this.#write('langgraph.json', JSON.stringify({ graphs: { greeter: './src/graph.ts:graph' } }))
    this.#write('src/graph.ts', GRAPH)
    this.#write('src/greet.ts', GREET)
  }

  /** Installs packages as the README says. */
  async install(...packages: string[]): Promise<void> {
    await run(this.dir, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages)
  }

  /** Sets `type` of package.json; null leaves it out. */
  setType(type: 'module' | null): void {
    const file = join(this.dir, 'package.json')
    const { type: _, ...manifest } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    this.#write('package.json', JSON.stringify(type === null ? manifest : { ...manifest, type }))
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }

  #write(name: string, content: string): void {
    writeFileSync(join(this.dir, name), content)
  }
}
