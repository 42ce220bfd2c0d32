import { createRouter, createWebHashHistory } from 'vue-router'

/**
 * Everything has an address. `/c/CONTEXT/map` is the map; `/c/CONTEXT/RESOURCE` is a list (`pods`, `deployments.apps`), with the query
 * `ns` (namespaces, comma-separated), `q` (search), `label` and `field` (selectors), `sort` (`-age`), `o` (the open object, as
 * `pods/default/web-0`) and `tab` (of the details).
 */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', name: 'catalogue', component: () => import('../views/CatalogueView.vue') },
    { path: '/c/:context', redirect: (to) => ({ name: 'overview', params: to.params }) },
    { path: '/c/:context/overview', name: 'overview', component: () => import('../views/OverviewView.vue') },
    { path: '/c/:context/map', name: 'map', component: () => import('../views/map/MapView.vue') },
    { path: '/c/:context/:resource', name: 'list', component: () => import('../views/ListView.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
