import { createRouter, createWebHashHistory } from 'vue-router'

/**
 * Everything has an address. `/c/CONTEXT/map` is the map, `/c/CONTEXT/checks` what is amiss (`hide`: severities); `/c/CONTEXT/RESOURCE` is a list (`pods`, `deployments.apps`), with the query
 * `ns` (namespaces, comma-separated), `q` (search), `label` and `field` (selectors), `sort` (`-age`), `o` (the open object, as
 * `pods/default/web-0`), `on` (its context, where that is not the page's), `tab` (of the details), `with` (contexts shown beside the page's)
 * and `compare` (the column that is compared over them). `/search` is the search over kinds and clusters: `q`, and `in` for contexts.
 */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', name: 'catalogue', component: () => import('../views/CatalogueView.vue') },
    { path: '/search', name: 'search', component: () => import('../views/search/SearchView.vue') },
    { path: '/c/:context', redirect: (to) => ({ name: 'overview', params: to.params }) },
    { path: '/c/:context/overview', name: 'overview', component: () => import('../views/OverviewView.vue') },
    { path: '/c/:context/checks', name: 'checks', component: () => import('../views/checks/ChecksView.vue') },
    { path: '/c/:context/map', name: 'map', component: () => import('../views/map/MapView.vue') },
    { path: '/c/:context/:resource', name: 'list', component: () => import('../views/ListView.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
