export const READ_SWITCH = `SELECT disabled FROM webhook_settings`
