/** The directives of nginx (https://nginx.org/en/docs/dirindex.html): where each may stand, with how many arguments of what kind. */

/**
 * Each line says where directives may stand: m the top, e `events`, h `http`, s `server`, l `location`, i `if` in a location,
 * j `if` in a server, x `limit_except`, u `upstream`, S `stream`, T its servers, U its upstreams; then how many arguments they
 * take, and of which kind.
 */
const TABLE = `
m 0 block: events http mail stream
m 1 -: env lock_file pid ssl_engine working_directory
m 1 -: load_module
m 1 amount: timer_resolution worker_processes worker_rlimit_core worker_shutdown_timeout
m 1 flag: daemon master_process pcre_jit
m 1 number: worker_priority worker_rlimit_nofile
m 1 word: debug_points
m 1+ -: worker_cpu_affinity
m 1-2 -: user
m 2-3 -: thread_pool
mhslST 1+ -: error_log
e 1 -: debug_connection use worker_connections
e 1 amount: accept_mutex_delay
e 1 flag: accept_mutex multi_accept
e 1 number: worker_aio_requests
hS 0 block: server
h 1 number: server_names_hash_bucket_size server_names_hash_max_size
h 2 block: charset_map
h 2+ -: fastcgi_cache_path proxy_cache_path
h 3 -: limit_req_zone
hS 1 block: upstream
hS 1 number: map_hash_bucket_size map_hash_max_size variables_hash_bucket_size variables_hash_max_size
hS 1-2 block: geo
hS 2 -: limit_conn_zone
hS 2 block: map split_clients
hS 2+ -: log_format
hs 1 -: http2_idle_timeout http2_max_field_size http2_max_requests http2_recv_timeout ssl_stapling_file ssl_stapling_responder
hs 1 -: quic_host_key ssl_key_log
hs 1 amount: client_header_buffer_size client_header_timeout connection_pool_size http2_body_preread_size request_pool_size
  ssl_buffer_size
hs 1 amount: quic_active_connection_id_limit
hs 1 flag: ignore_invalid_headers merge_slashes ssl ssl_early_data ssl_reject_handshake ssl_stapling ssl_stapling_verify
  underscores_in_headers
hs 1 flag: http2 http3 http3_hq quic_gso quic_retry
hs 1 number: http2_max_concurrent_streams
hs 1 word: ssl_ocsp
hs 2 amount: large_client_header_buffers
hsST 1 -: ssl_certificate ssl_certificate_key ssl_ciphers ssl_client_certificate ssl_crl ssl_dhparam ssl_ecdh_curve
  ssl_password_file ssl_session_ticket_key ssl_trusted_certificate
hsST 1 amount: ssl_session_timeout
hsST 1 flag: ssl_prefer_server_ciphers ssl_session_tickets
hsST 1 number: ssl_verify_depth
hsST 1 word: ssl_verify_client
hsST 1+ word: ssl_protocols
hsST 1-2 -: ssl_session_cache
hsST 2 -: ssl_conf_command
hsl 0 block: types
hsl 1 -: add_after_body add_before_body auth_request default_type fastcgi_cache fastcgi_cache_key fastcgi_hide_header
  fastcgi_index fastcgi_pass_header fastcgi_split_path_info grpc_hide_header http2_push mirror proxy_cache proxy_cache_key
  proxy_hide_header proxy_method proxy_pass_header proxy_set_body proxy_store real_ip_header secure_link secure_link_md5
  secure_link_secret userid_domain userid_name userid_p3p userid_path
hsl 1 amount: aio auth_delay client_body_buffer_size client_body_timeout client_max_body_size directio directio_alignment
  fastcgi_buffer_size fastcgi_busy_buffers_size fastcgi_connect_timeout fastcgi_read_timeout fastcgi_send_timeout
  grpc_connect_timeout grpc_read_timeout gzip_min_length gzip_window http2_chunk_size lingering_time lingering_timeout
  memcached_connect_timeout mp4_buffer_size open_file_cache_valid postpone_output proxy_busy_buffers_size proxy_cache_lock_age
  proxy_cache_lock_timeout proxy_cache_max_range_offset proxy_limit_rate proxy_max_temp_file_size proxy_read_timeout
  proxy_send_timeout proxy_temp_file_write_size read_ahead send_lowat send_timeout sendfile_max_chunk slice ssi_min_file_chunk
  ssi_value_length subrequest_output_buffer_size userid_expires uwsgi_read_timeout
hsl 1 flag: absolute_redirect aio_write autoindex autoindex_exact_size autoindex_localtime chunked_transfer_encoding
  client_body_in_single_buffer create_full_put_path etag fastcgi_buffering fastcgi_intercept_errors fastcgi_keep_conn
  fastcgi_request_buffering grpc_ssl_verify gunzip gzip_vary http2_push_preload limit_req_dry_run log_not_found log_subrequest
  mirror_request_body msie_padding msie_refresh open_file_cache_errors port_in_redirect proxy_buffering
  proxy_cache_background_update proxy_cache_lock proxy_cache_revalidate proxy_force_ranges proxy_ignore_client_abort
  proxy_intercept_errors proxy_pass_request_body proxy_pass_request_headers proxy_request_buffering real_ip_recursive
  recursive_error_pages reset_timedout_connection server_name_in_redirect ssi_last_modified ssi_silent_errors
  sub_filter_last_modified sub_filter_once tcp_nopush uwsgi_buffering
hsl 1 number: gzip_comp_level limit_conn_status limit_req_status max_ranges memcached_gzip_flag min_delete_depth
  open_file_cache_min_uses proxy_cache_min_uses proxy_headers_hash_bucket_size proxy_headers_hash_max_size
  types_hash_bucket_size types_hash_max_size userid_service uwsgi_modifier1
hsl 1 word: autoindex_format client_body_in_file_only gzip_http_version gzip_static if_modified_since limit_req_log_level
  lingering_close proxy_http_version satisfy server_tokens userid
hsl 1+ -: addition_types ancient_browser charset_types fastcgi_cache_valid gzip_disable gzip_types index proxy_cache_bypass
  proxy_cache_valid proxy_no_cache ssi_types sub_filter_types
hsl 1+ word: dav_methods fastcgi_ignore_headers fastcgi_next_upstream gzip_proxied proxy_cache_methods proxy_cache_use_stale
  proxy_ignore_headers
hsl 1-2 -: disable_symlinks modern_browser open_file_cache proxy_cookie_domain proxy_cookie_path proxy_redirect
hsl 1-2 amount: keepalive_timeout
hsl 1-2 word: keepalive_disable
hsl 1-3 -: limit_req
hsl 1-3 word: dav_access proxy_store_access
hsl 1-4 -: client_body_temp_path fastcgi_temp_path proxy_cookie_flags proxy_temp_path scgi_temp_path uwsgi_temp_path
hsl 2 -: auth_request_set grpc_set_header proxy_set_header sub_filter
hsl 2 amount: fastcgi_buffers gunzip_buffers gzip_buffers output_buffers proxy_buffers
hsl 2-3 -: fastcgi_param scgi_param uwsgi_param
hslS 1+ word: proxy_next_upstream
hslST 1 -: proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_ciphers proxy_ssl_crl proxy_ssl_name
  proxy_ssl_password_file proxy_ssl_trusted_certificate set_real_ip_from
hslST 1 amount: proxy_buffer_size proxy_connect_timeout proxy_next_upstream_timeout resolver_timeout
hslST 1 flag: limit_conn_dry_run proxy_socket_keepalive proxy_ssl_server_name proxy_ssl_session_reuse proxy_ssl_verify
  tcp_nodelay
hslST 1 number: proxy_next_upstream_tries proxy_ssl_verify_depth
hslST 1 word: limit_conn_log_level
hslST 1+ -: resolver
hslST 1+ word: proxy_ssl_protocols
hslST 1-2 -: proxy_bind
hslST 1-4 -: open_log_file_cache
hslST 2 -: limit_conn proxy_ssl_conf_command
hsli 1 -: charset root source_charset
hsli 1 amount: limit_rate limit_rate_after
hsli 1 flag: gzip override_charset sendfile ssi
hsli 1-2 amount: expires
hsli 2+ word: error_page
hsli 2-3 -: add_header add_trailer
hslixST 1+ -: access_log
hslji 1 flag: rewrite_log uninitialized_variable_warn
hslu 1 amount: keepalive_time
hslu 1 number: keepalive_requests
hslx 1 -: auth_basic auth_basic_user_file
hslxST 1 -: allow deny
s 1+ -: server_name
sT 1+ -: listen
sl 0-1 -: stub_status
sl 1 number: referer_hash_max_size
sl 1+ -: valid_referers
sl 1+ block: if
sl 1-2 block: location
sl 2+ -: try_files
slji 0 -: break
slji 1-2 -: return
slji 2-3 -: rewrite
sljiT 2 -: set
l 0 -: empty_gif flv internal mp4
l 1 -: alias
l 1 flag: random_index
l 1+ block: limit_except
li 1 -: fastcgi_pass grpc_pass memcached_pass scgi_pass uwsgi_pass
lixT 1 -: proxy_pass
u 0 -: ip_hash
u 1 -: keepalive
u 1 amount: keepalive_timeout
uU 1+ -: server
uU 0 -: least_conn
uU 0-2 -: random
uU 1-2 -: hash zone
ST 1 amount: preread_buffer_size preread_timeout proxy_download_rate proxy_protocol_timeout proxy_timeout proxy_upload_rate
  ssl_handshake_timeout
ST 1 flag: proxy_half_close proxy_protocol proxy_ssl ssl_preread
ST 1 number: proxy_requests proxy_responses
T 1 -: return
T 1 flag: proxy_next_upstream
`

/** What an argument is: a flag is `on` or `off`, an amount a time or a size. */
export type ArgumentKind = 'flag' | 'amount' | 'number' | 'word' | 'block' | '-'

/** What a directive is in one of its places. */
export interface Usage {
  readonly places: string
  readonly least: number
  readonly most: number
  readonly kind: ArgumentKind
}

function read(): Map<string, Usage[]> {
  const found = new Map<string, Usage[]>()
  for (const line of TABLE.trim()
    .replace(/\n {2}/g, ' ')
    .split('\n')) {
    const [head = '', names = ''] = line.split(': ')
    const [places = '', count = '', kind] = head.split(' ')
    const [, least, more, most] = /^(\d+)(\+)?(?:-(\d+))?$/.exec(count)!
    const usage = { places, least: Number(least), most: more ? Infinity : Number(most ?? least), kind: kind as ArgumentKind }
    for (const name of names.split(' ')) found.set(name, [...(found.get(name) ?? []), usage])
  }
  return found
}

/** Every directive that nginx of the official image knows. */
export const DIRECTIVES: ReadonlyMap<string, readonly Usage[]> = read()
