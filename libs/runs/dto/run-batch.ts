import { parseDto } from '#http'
import { invalidRequest, type JsonObject } from '#kernel'
import { atPlace } from '../batch-place.js'
import type { RunRequest } from '../run-request.js'
import { CreateRunDto } from './create-run.dto.js'
import { toRunRequest } from './to-run-request.js'

/** Runs in one batch at most. */
const MAX_BATCH = 1_000

/** `POST /runs/batch` (contract 5.8). @throws AppError `invalid_request` or `invalid_id` naming the element's index. */
export function readRunBatch(body: unknown, injected: JsonObject): RunRequest[] {
  if (!Array.isArray(body) || body.length < 1 || body.length > MAX_BATCH) {
    throw invalidRequest(`body: must be a list of 1 to ${MAX_BATCH} runs`)
  }
  return body.map((element: unknown, index) => {
    if (element === null) throw invalidRequest(`[${index}]: must be an object`)
    const dto = parseDto(CreateRunDto, element, `[${index}]`)
    return atPlace(index, () => toRunRequest(dto, injected))
  })
}
