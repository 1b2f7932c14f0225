import { requestsUrl } from './inspector.mjs'

/**
 * What there is to see, a line each.
 * @param {string} url base URL of the server
 */
export function addressesToLookAt(url) {
  return [
    `console            ${url}/console`,
    `what the bin got   ${requestsUrl(url, 'demo')}`,
    `what the server is ${url}/info`,
    `its assistants     curl -s ${url}/assistants/search -H 'content-type: application/json' -d '{}'`,
  ]
}
