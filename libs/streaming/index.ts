export type { ResponsePlaces } from './held-response.js'
export { JsonWait } from './json-wait.js'
export { MemoryRunStreams } from './memory-run-streams.js'
export { RedisConnection } from './redis/redis-connection.js'
export { DEFAULT_LIMITS, type StreamLimits } from './run-logs.js'
export { OpenResponses } from './open-responses.js'
export {
  type AttachOptions,
  type FollowOptions,
  type OpenOptions,
  RunStreams,
  type StreamFrame,
} from './run-streams.js'
export { formatSseFrame } from './sse-frame.js'
export { SseWriter } from './sse-writer.js'
export { StreamingModule } from './streaming.module.js'
export { eventsGone, StreamClosed, StreamLagged } from './streaming.errors.js'
export {
  THREAD_STREAM_MODES,
  type ThreadFollowOptions,
  type ThreadStreamMode,
  ThreadStreams,
} from './thread-streams.js'
