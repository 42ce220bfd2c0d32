/** The views that the router loads when they are first gone to. Imported with a test they are there at once: it need not wait for them. */
import '../../src-renderer/views/CatalogueView.vue'
import '../../src-renderer/views/ListView.vue'
import '../../src-renderer/views/OverviewView.vue'
