{{/* In-cluster addresses, and the one that users open. */}}
{{- define "todo-app.backendUrl" -}}
http://{{ include "todo-app.backend.fullname" . }}:{{ .Values.backend.service.port }}
{{- end -}}
{{- define "todo-app.frontendUrl" -}}
http://{{ include "todo-app.frontend.fullname" . }}:{{ .Values.frontend.service.port }}
{{- end -}}
{{- define "todo-app.publicUrl" -}}
{{- .Values.frontend.publicUrl | default (printf "http://localhost:%v" .Values.frontend.service.port) | trimSuffix "/" -}}
{{- end -}}

{{/* Content of the ConfigMap. An empty value counts as not set. */}}
{{- define "todo-app.configData" -}}
ENVIRONMENT: {{ .Values.global.environment | quote }}
LOG_LEVEL: {{ .Values.global.logLevel | quote }}
APP_VERSION: {{ include "todo-app.version" . | quote }}
DB_POOL_SIZE: {{ .Values.database.poolSize | quote }}
LLM_PROVIDER: {{ .Values.backend.llm.provider | quote }}
LLM_MODEL: {{ .Values.backend.llm.model | quote }}
OPENAI_BASE_URL: {{ .Values.backend.llm.baseUrl | quote }}
BACKEND_PORT: {{ .Values.backend.containerPort | quote }}
BACKEND_URL: {{ include "todo-app.backendUrl" . | quote }}
FRONTEND_PORT: {{ .Values.frontend.containerPort | quote }}
FRONTEND_URL: {{ include "todo-app.frontendUrl" . | quote }}
BETTER_AUTH_URL: {{ include "todo-app.publicUrl" . | quote }}
CHATKIT_DOMAIN_KEY: {{ .Values.frontend.chatkitDomainKey | quote }}
TRUSTED_ORIGINS: {{ join "," .Values.frontend.trustedOrigins | quote }}
{{- with .Values.frontend.trustedProxies }}
TRUSTED_PROXIES: {{ join "," . | quote }}
{{- end }}
ALLOWED_HOSTS: {{ join "," .Values.backend.allowedHosts | quote }}
CORS_ORIGINS: {{ join "," .Values.backend.corsOrigins | quote }}
{{- with .Values.backend.metricsPort }}
METRICS_PORT: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* Content of the chart's own Secret, base64-encoded. A value that is empty makes no key. */}}
{{- define "todo-app.secretData" -}}
{{- with .Values.secrets }}
{{- if .databaseUrl }}
DATABASE_URL: {{ .databaseUrl | b64enc | quote }}
{{- end }}
{{- if .jwtSecret }}
JWT_SECRET: {{ .jwtSecret | b64enc | quote }}
{{- end }}
{{- if .betterAuthSecret }}
BETTER_AUTH_SECRET: {{ .betterAuthSecret | b64enc | quote }}
{{- end }}
{{- if .openaiApiKey }}
OPENAI_API_KEY: {{ .openaiApiKey | b64enc | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
What each component reads: environment variable → key of the ConfigMap, and the keys of the Secret
it is trusted with. A required key that the Secret lacks keeps the pod from starting.
*/}}
{{- define "todo-app.backend.sources" -}}
config:
  ENVIRONMENT: ENVIRONMENT
  LOG_LEVEL: LOG_LEVEL
  APP_VERSION: APP_VERSION
  PORT: BACKEND_PORT
  DB_POOL_SIZE: DB_POOL_SIZE
  LLM_PROVIDER: LLM_PROVIDER
  LLM_MODEL: LLM_MODEL
  OPENAI_BASE_URL: OPENAI_BASE_URL
  BACKEND_URL: BACKEND_URL
  FRONTEND_URL: FRONTEND_URL
  BETTER_AUTH_URL: BETTER_AUTH_URL
  ALLOWED_HOSTS: ALLOWED_HOSTS
  CORS_ORIGINS: CORS_ORIGINS
  {{- if .Values.backend.metricsPort }}
  METRICS_PORT: METRICS_PORT
  {{- end }}
secret:
  DATABASE_URL: required
  JWT_SECRET: required
  OPENAI_API_KEY: {{ has .Values.backend.llm.provider (list "openai" "openrouter") | ternary "required" "optional" }}
{{- end -}}

{{- define "todo-app.frontend.sources" -}}
config:
  ENVIRONMENT: ENVIRONMENT
  LOG_LEVEL: LOG_LEVEL
  APP_VERSION: APP_VERSION
  PORT: FRONTEND_PORT
  DB_POOL_SIZE: DB_POOL_SIZE
  CHATKIT_DOMAIN_KEY: CHATKIT_DOMAIN_KEY
  BACKEND_URL: BACKEND_URL
  BETTER_AUTH_URL: BETTER_AUTH_URL
  TRUSTED_ORIGINS: TRUSTED_ORIGINS
  {{- if .Values.frontend.trustedProxies }}
  TRUSTED_PROXIES: TRUSTED_PROXIES
  {{- end }}
secret:
  DATABASE_URL: required
  BETTER_AUTH_SECRET: required
{{- end -}}
