import { type ClientMethod, METHODS } from './methods.js'
import { type ApiRoute, ROUTES } from './routes.js'

/** The page's text with every `<!-- table: … -->` filled from the tables of routes and methods. */
export function withTables(page: string): string {
  return page.replaceAll(/<!-- table: (.+?) -->[^]*?<!-- end -->/g, (_, name: string) => {
    return `<!-- table: ${name} -->\n\n${tableOf(name)}\n\n<!-- end -->`
  })
}

/** The tables that the page must have. */
export function tableNames(): string[] {
  const sections = [...new Set(ROUTES.map(({ section }) => section))]
  const clients = [...new Set(METHODS.map(({ client }) => client))]
  return [...sections, ...clients.map((client) => `${client} client`)]
}

function tableOf(name: string): string {
  const routes = ROUTES.filter(({ section }) => section === name)
  const methods = METHODS.filter(({ client }) => `${client} client` === name)
  if (routes.length + methods.length === 0) throw new Error(`docs/compatibility.md: there is no table "${name}"`)
  const rows = [...routes.map(routeRow), ...methods.map(methodRow)]
  const head = routes.length > 0 ? ['route', '', ''] : ['method', 'request', '']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |`).join('\n')
}

function routeRow({ route, note, differs, absent }: ApiRoute): string[] {
  if (absent !== undefined) return [`\`${route}\``, 'not there', absent]
  if (differs !== undefined) return [`\`${route}\``, 'differs', differs]
  return [`\`${route}\``, 'done', note ?? '']
}

function methodRow({ call, route, absent }: ClientMethod): string[] {
  const [method = '', ...way] = call.split(' ')
  const name = [`\`${method}\``, ...way].join(' ')
  return [name, `\`${route}\``, absent === undefined ? 'done' : `not there: ${absent}`]
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|')
}
