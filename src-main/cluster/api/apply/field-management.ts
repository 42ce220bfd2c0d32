/** The keeping of managedFields as the API's verbs use it. */
import type { FieldManagement } from '../verbs/fieldmanagement.js'
import { applyServerSide } from './apply.js'
import { trackUpdate } from './update.js'

/** What an API server is given so that it keeps managedFields. */
export const fieldManagement: FieldManagement = {
  applyServerSide,
  trackUpdate(update) {
    const entries = trackUpdate(update)
    if (entries) update.new.metadata.managedFields = entries
    else delete update.new.metadata.managedFields
  },
}
