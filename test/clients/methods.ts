/** One method of an official client, in one of the ways in which it is called. */
export interface ClientMethod {
  readonly client: 'JavaScript' | 'Python'
  /** `threads.getState`, and in brackets what is special about the call. */
  readonly call: string
  /** The route that it must reach: `METHOD /path/{parameter}`. */
  readonly route: string
  /** Why it cannot work here. */
  readonly absent?: string
}

/** A call and its route, and why it cannot work here if it cannot. */
type Row = readonly [call: string, route: string, extras?: { readonly absent?: string }]

const PROTOCOL_2 = { absent: 'protocol v2 is later work' }

const RUN = '/threads/{thread_id}/runs/{run_id}'

const JAVASCRIPT: readonly Row[] = [
  ['assistants.get', 'GET /assistants/{assistant_id}'],
  ['assistants.getGraph', 'GET /assistants/{assistant_id}/graph'],
  ['assistants.getSchemas', 'GET /assistants/{assistant_id}/schemas'],
  ['assistants.getSubgraphs', 'GET /assistants/{assistant_id}/subgraphs'],
  ['assistants.getSubgraphs (namespace)', 'GET /assistants/{assistant_id}/subgraphs/*'],
  ['assistants.create', 'POST /assistants'],
  ['assistants.update', 'PATCH /assistants/{assistant_id}'],
  ['assistants.delete', 'DELETE /assistants/{assistant_id}'],
  ['assistants.search', 'POST /assistants/search'],
  ['assistants.search (pages)', 'POST /assistants/search'],
  ['assistants.count', 'POST /assistants/count'],
  ['assistants.getVersions', 'POST /assistants/{assistant_id}/versions'],
  ['assistants.setLatest', 'POST /assistants/{assistant_id}/latest'],
  ['threads.get', 'GET /threads/{thread_id}'],
  ['threads.get (include)', 'GET /threads/{thread_id}'],
  ['threads.create', 'POST /threads'],
  ['threads.copy', 'POST /threads/{thread_id}/copy'],
  ['threads.update', 'PATCH /threads/{thread_id}'],
  ['threads.update (minimal)', 'PATCH /threads/{thread_id}'],
  ['threads.delete', 'DELETE /threads/{thread_id}'],
  ['threads.prune', 'POST /threads/prune'],
  ['threads.search', 'POST /threads/search'],
  ['threads.count', 'POST /threads/count'],
  ['threads.getState', 'GET /threads/{thread_id}/state'],
  ['threads.getState (checkpoint id)', 'GET /threads/{thread_id}/state/{checkpoint_id}'],
  ['threads.getState (checkpoint)', 'POST /threads/{thread_id}/state/checkpoint'],
  ['threads.updateState', 'POST /threads/{thread_id}/state'],
  ['threads.patchState', 'PATCH /threads/{thread_id}/state'],
  ['threads.getHistory', 'POST /threads/{thread_id}/history'],
  ['threads.joinStream', 'GET /threads/{thread_id}/stream'],
  ['threads.stream', 'POST /threads/{thread_id}/stream/events', PROTOCOL_2],
  ['runs.stream', 'POST /threads/{thread_id}/runs/stream'],
  ['runs.stream (no thread)', 'POST /runs/stream'],
  ['runs.create', 'POST /threads/{thread_id}/runs'],
  ['runs.create (no thread)', 'POST /runs'],
  ['runs.createBatch', 'POST /runs/batch'],
  ['runs.wait', 'POST /threads/{thread_id}/runs/wait'],
  ['runs.wait (no thread)', 'POST /runs/wait'],
  ['runs.list', 'GET /threads/{thread_id}/runs'],
  ['runs.get', `GET ${RUN}`],
  ['runs.cancel', `POST ${RUN}/cancel`],
  ['runs.cancel (wait)', `POST ${RUN}/cancel`],
  ['runs.cancelMany', 'POST /runs/cancel'],
  ['runs.join', `GET ${RUN}/join`],
  ['runs.joinStream', `GET ${RUN}/stream`],
  ['runs.joinStream (no thread)', 'GET /runs/{run_id}/stream'],
  ['runs.delete', `DELETE ${RUN}`],
  ['crons.createForThread', 'POST /threads/{thread_id}/runs/crons'],
  ['crons.create', 'POST /runs/crons'],
  ['crons.update', 'PATCH /runs/crons/{cron_id}'],
  ['crons.delete', 'DELETE /runs/crons/{cron_id}'],
  ['crons.search', 'POST /runs/crons/search'],
  ['crons.count', 'POST /runs/crons/count'],
  ['store.putItem', 'PUT /store/items'],
  ['store.getItem', 'GET /store/items'],
  ['store.deleteItem', 'DELETE /store/items'],
  ['store.searchItems', 'POST /store/items/search'],
  ['store.listNamespaces', 'POST /store/namespaces'],
]

const PYTHON: readonly Row[] = [
  ['assistants.get', 'GET /assistants/{assistant_id}'],
  ['assistants.get_graph', 'GET /assistants/{assistant_id}/graph'],
  ['assistants.get_schemas', 'GET /assistants/{assistant_id}/schemas'],
  ['assistants.get_subgraphs', 'GET /assistants/{assistant_id}/subgraphs'],
  ['assistants.get_subgraphs (namespace)', 'GET /assistants/{assistant_id}/subgraphs/*'],
  ['assistants.create', 'POST /assistants'],
  ['assistants.update', 'PATCH /assistants/{assistant_id}'],
  ['assistants.delete', 'DELETE /assistants/{assistant_id}'],
  ['assistants.search', 'POST /assistants/search'],
  ['assistants.count', 'POST /assistants/count'],
  ['assistants.get_versions', 'POST /assistants/{assistant_id}/versions'],
  ['assistants.set_latest', 'POST /assistants/{assistant_id}/latest'],
  ['threads.get', 'GET /threads/{thread_id}'],
  ['threads.create', 'POST /threads'],
  ['threads.update', 'PATCH /threads/{thread_id}'],
  ['threads.delete', 'DELETE /threads/{thread_id}'],
  ['threads.search', 'POST /threads/search'],
  ['threads.count', 'POST /threads/count'],
  ['threads.copy', 'POST /threads/{thread_id}/copy'],
  ['threads.prune', 'POST /threads/prune'],
  ['threads.get_state', 'GET /threads/{thread_id}/state'],
  ['threads.get_state (checkpoint_id)', 'GET /threads/{thread_id}/state/{checkpoint_id}'],
  ['threads.get_state (checkpoint)', 'POST /threads/{thread_id}/state/checkpoint'],
  ['threads.update_state', 'POST /threads/{thread_id}/state'],
  ['threads.get_history', 'POST /threads/{thread_id}/history'],
  ['threads.join_stream', 'GET /threads/{thread_id}/stream'],
  ['threads.stream', 'POST /threads/{thread_id}/stream/events', PROTOCOL_2],
  ['runs.stream', 'POST /threads/{thread_id}/runs/stream'],
  ['runs.stream (no thread)', 'POST /runs/stream'],
  ['runs.create', 'POST /threads/{thread_id}/runs'],
  ['runs.create (no thread)', 'POST /runs'],
  ['runs.create_batch', 'POST /runs/batch'],
  ['runs.wait', 'POST /threads/{thread_id}/runs/wait'],
  ['runs.wait (no thread)', 'POST /runs/wait'],
  ['runs.list', 'GET /threads/{thread_id}/runs'],
  ['runs.get', `GET ${RUN}`],
  ['runs.cancel', `POST ${RUN}/cancel`],
  ['runs.cancel_many', 'POST /runs/cancel'],
  ['runs.join', `GET ${RUN}/join`],
  ['runs.join_stream', `GET ${RUN}/stream`],
  ['runs.delete', `DELETE ${RUN}`],
  ['crons.create_for_thread', 'POST /threads/{thread_id}/runs/crons'],
  ['crons.create', 'POST /runs/crons'],
  ['crons.update', 'PATCH /runs/crons/{cron_id}'],
  ['crons.delete', 'DELETE /runs/crons/{cron_id}'],
  ['crons.search', 'POST /runs/crons/search'],
  ['crons.count', 'POST /runs/crons/count'],
  ['store.put_item', 'PUT /store/items'],
  ['store.get_item', 'GET /store/items'],
  ['store.delete_item', 'DELETE /store/items'],
  ['store.search_items', 'POST /store/items/search'],
  ['store.list_namespaces', 'POST /store/namespaces'],
]

/** Every method of both clients. Those that are not absent have a test of the same name. */
export const METHODS: readonly ClientMethod[] = [
  ...JAVASCRIPT.map((row) => methodOf('JavaScript', row)),
  ...PYTHON.map((row) => methodOf('Python', row)),
]

function methodOf(client: ClientMethod['client'], [call, route, extras = {}]: Row): ClientMethod {
  return { client, call, route, ...extras }
}
