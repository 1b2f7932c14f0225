import { IsIn, IsOptional, IsString } from 'class-validator'
import { DELIVERY_STATUSES, type DeliveryStatus } from '../../webhook-delivery.entity.js'

/** Body of `POST /webhooks/deliveries/redeliver`: a filter, of which one field at least must be given. */
export class RedeliverDto {
  /** `delivering` matches nothing: what is being sent is passed over. */
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus | null

  /** A UUID. */
  @IsOptional()
  @IsString()
  run_id?: string | null

  /** A UUID. */
  @IsOptional()
  @IsString()
  thread_id?: string | null

  /** A host key such as `https://x:443`, or a bare host name for all its schemes and ports. */
  @IsOptional()
  @IsString()
  host?: string | null

  /** ISO 8601: created then or later. */
  @IsOptional()
  @IsString()
  created_after?: string | null

  /** ISO 8601: created earlier. */
  @IsOptional()
  @IsString()
  created_before?: string | null
}
