import { IsString } from 'class-validator'

/** Body of `POST /webhooks/test`. */
export class TestWebhookDto {
  /** An absolute http(s) URL, or a path of this server. */
  @IsString()
  url: string
}
