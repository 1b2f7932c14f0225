export { ADMIN_KEY_WANTED, presentsAdminKey } from './admin-key.js'
export { CheckpointDto } from './checkpoint.dto.js'
export { type DtoClass, parseDto } from './dto-validation.js'
export { IsJsonObject } from './is-json-object.js'
export { IsRunConfig } from './is-run-config.js'
export { isDeeperThan, MAX_JSON_DEPTH } from './json-depth.js'
export { IsLimit, IsOffset, LIMIT_RANGE, OFFSET_RANGE, type Page, PageDto, pageOf } from './page.dto.js'
export { type ReplyHeaders, setPaginationHeaders } from './pagination-headers.js'
export {
  lastQueryValue,
  type IntegerRange,
  parseBooleanQuery,
  parseIntegerQuery,
  parseListQuery,
  type QueryValue,
} from './query-values.js'
export { RequestBodyPipe } from './request-body.pipe.js'
export { pickSelected, requireSelectable } from './selection.js'
export { UuidPipe } from './uuid.pipe.js'
export { totalFromPage } from './total-from-page.js'
