/** One route of the API, or one of ours. */
export interface ApiRoute {
  readonly section: string
  /** `METHOD /path/{parameter}`. */
  readonly route: string
  /** What a client's author should know. */
  readonly note?: string
  /** How it is not the reference's. */
  readonly differs?: string
  /** Why it is not there. */
  readonly absent?: string
}

type Extras = Omit<ApiRoute, 'section' | 'route'>

const PROTOCOL_2 = 'protocol v2 is later work; the clients use it only for `threads.stream`'
const OURS = 'ours'

/** Every route of the contract, and every other that the server has. */
export const ROUTES: readonly ApiRoute[] = [
  ...section('Assistants', {
    'POST /assistants': { note: 'with `if_exists`; an unknown graph is a 404' },
    'POST /assistants/search': { note: '`X-Pagination-Total` is the true number of matching rows' },
    'POST /assistants/count': {},
    'GET /assistants/{assistant_id}': { note: 'a graph’s id is taken wherever an assistant’s is expected' },
    'PATCH /assistants/{assistant_id}': { note: 'each makes a version' },
    'DELETE /assistants/{assistant_id}': { note: '`delete_threads`' },
    'POST /assistants/{assistant_id}/versions': {},
    'POST /assistants/{assistant_id}/latest': { note: '`version` in the body or the query' },
    'GET /assistants/{assistant_id}/graph': { note: '`xray` as a boolean or a depth' },
    'GET /assistants/{assistant_id}/subgraphs': { note: '`recurse`; each schema under both spellings of its key' },
    'GET /assistants/{assistant_id}/subgraphs/*': { note: 'the namespace raw or percent-encoded' },
    'GET /assistants/{assistant_id}/schemas': {},
  }),
  ...section('Threads', {
    'POST /threads': { note: 'with `supersteps` and `ttl`' },
    'POST /threads/search': { note: 'with `values`, `ids`, `extract`' },
    'POST /threads/count': {},
    'POST /threads/prune': {},
    'GET /threads/{thread_id}': { note: '`include=ttl`' },
    'PATCH /threads/{thread_id}': { note: '`Prefer: return=minimal`' },
    'DELETE /threads/{thread_id}': { note: 'runs that are under way are stopped, and their webhooks sent' },
    'POST /threads/{thread_id}/copy': {},
    'GET /threads/{thread_id}/state': {},
    'GET /threads/{thread_id}/state/{checkpoint_id}': {},
    'POST /threads/{thread_id}/state/checkpoint': {},
    'POST /threads/{thread_id}/state': {},
    'PATCH /threads/{thread_id}/state': { note: 'metadata of the latest checkpoint' },
    'GET /threads/{thread_id}/history': {},
    'POST /threads/{thread_id}/history': {},
    'GET /threads/{thread_id}/stream': {},
    'GET /threads/{thread_id}/storage': { absent: 'optional in the API, and no client asks for it' },
    'POST /threads/{thread_id}/commands': { absent: PROTOCOL_2 },
    'POST /threads/{thread_id}/stream/events': { absent: PROTOCOL_2 },
    'GET /threads/{thread_id}/stream/events': { absent: PROTOCOL_2 },
  }),
  ...section('Runs', {
    'POST /threads/{thread_id}/runs': {},
    'POST /threads/{thread_id}/runs/stream': {},
    'POST /threads/{thread_id}/runs/wait': {},
    'POST /thread/{thread_id}/runs': { note: 'ours: the spelling of the webhook guide' },
    'POST /thread/{thread_id}/runs/stream': { note: OURS },
    'POST /thread/{thread_id}/runs/wait': { note: OURS },
    'GET /threads/{thread_id}/runs': {},
    'GET /threads/{thread_id}/runs/{run_id}': {},
    'DELETE /threads/{thread_id}/runs/{run_id}': {},
    'GET /threads/{thread_id}/runs/{run_id}/join': {},
    'GET /threads/{thread_id}/runs/{run_id}/stream': { note: 'a stream can be taken up again by `Last-Event-ID`' },
    'POST /threads/{thread_id}/runs/{run_id}/cancel': { note: '`action` `interrupt` or `rollback`, `wait`' },
    'POST /runs': {},
    'POST /runs/stream': {},
    'POST /runs/wait': {},
    'POST /runs/batch': {},
    'POST /runs/cancel': {},
    'GET /runs/{run_id}/stream': {},
  }),
  ...section('Crons', {
    'POST /runs/crons': { note: 'each firing on a thread of its own; `on_run_completed`' },
    'POST /threads/{thread_id}/runs/crons': {},
    'POST /thread/{thread_id}/runs/crons': { note: 'ours: the spelling of the webhook guide' },
    'GET /runs/crons/{cron_id}': {},
    'PATCH /runs/crons/{cron_id}': { note: '`end_time` and `webhook` are cleared by `null`; an empty change is a 400' },
    'DELETE /runs/crons/{cron_id}': {},
    'POST /runs/crons/search': { note: 'rows have `disabled_reason` too, ours' },
    'POST /runs/crons/count': { note: 'by `enabled` too, ours' },
  }),
  ...section('Store', {
    'PUT /store/items': {},
    'GET /store/items': { note: 'a missing item is a 200 with `null`' },
    'DELETE /store/items': {},
    'POST /store/items/search': { note: 'by meaning where `store.index` is configured' },
    'POST /store/namespaces': {},
  }),
  ...section('System', {
    'GET /': { note: 'ours: says what answers, and where its pages are' },
    'GET /ok': { note: '`check_db`' },
    'GET /info': {},
    'GET /metrics': {},
    'GET /openapi.json': {},
    'GET /docs': {},
    'POST /internal/truncate': { absent: 'it empties the database; the reference has it in test builds only' },
    'POST /ui/{ui}': { absent: 'generative UI is optional in the API' },
    'POST /mcp/': { absent: 'optional in the API' },
    'POST /a2a/{assistant_id}': { absent: 'optional in the API' },
    'GET /health/live': { note: OURS },
    'GET /health/ready': { note: OURS },
    'GET /webhooks/settings': { note: 'ours; behind the admin key' },
    'PATCH /webhooks/settings': { note: 'ours; switches webhooks off and on while the server runs' },
    'GET /console': { note: 'ours; in `dev`' },
    'ANY /inspector/{bin}': { note: 'ours; in `dev`, or by `SIGNALBOX_INSPECTOR=1`' },
    'ANY /inspector/{bin}/*': { note: OURS },
    'GET /inspector/{bin}/requests': { note: OURS },
    'GET /inspector/{bin}/requests/{id}': { note: OURS },
    'GET /webhooks/config': { note: OURS },
    'GET /webhooks/deliveries': { note: OURS },
    'GET /webhooks/deliveries/{delivery_id}': { note: OURS },
    'POST /webhooks/deliveries/redeliver': { note: OURS },
    'POST /webhooks/deliveries/{delivery_id}/redeliver': { note: OURS },
    'POST /webhooks/deliveries/{delivery_id}/cancel': { note: OURS },
    'POST /webhooks/test': { note: OURS },
    'GET /webhooks/stats': { note: OURS },
  }),
]

function section(name: string, rows: Readonly<Record<string, Extras>>): ApiRoute[] {
  return Object.entries(rows).map(([route, extras]) => ({ section: name, route, ...extras }))
}
