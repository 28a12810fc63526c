{{/*
What the schema cannot say. No message repeats a secret. Called once, by the ConfigMap, which every
rendering contains.
*/}}
{{- define "todo-app.validate" -}}
{{- $secrets := .Values.secrets -}}
{{- $own := dict "databaseUrl" $secrets.databaseUrl "jwtSecret" $secrets.jwtSecret "betterAuthSecret" $secrets.betterAuthSecret "openaiApiKey" $secrets.openaiApiKey -}}
{{- if $secrets.existingSecret -}}
  {{- range $name, $value := $own -}}
    {{- if $value -}}
      {{- fail (printf "secrets.%s has no effect beside secrets.existingSecret: set one or the other" $name) -}}
    {{- end -}}
  {{- end -}}
{{- else -}}
  {{- /* Only a cluster lists kinds: there a missing secret is refused before anything is changed, while `helm template` alone still renders. */ -}}
  {{- if .Capabilities.APIVersions.Has "v1/Pod" -}}
    {{- range $name := list "databaseUrl" "jwtSecret" "betterAuthSecret" -}}
      {{- if not (get $own $name) -}}
        {{- fail (printf "secrets.%s is required, or secrets.existingSecret with the name of a Secret that has it" $name) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if $secrets.databaseUrl -}}
    {{- if not (regexMatch "^postgres(ql)?(\\+[a-z0-9]+)?://[^/?#]+/[^/?#]+" $secrets.databaseUrl) -}}
      {{- fail "secrets.databaseUrl must be a URL such as postgresql://user:password@host:5432/database" -}}
    {{- end -}}
  {{- end -}}
  {{- range $name := list "jwtSecret" "betterAuthSecret" -}}
    {{- $value := get $own $name -}}
    {{- if and $value (lt (len $value) 32) -}}
      {{- fail (printf "secrets.%s must have at least 32 characters; make one with: openssl rand -base64 32" $name) -}}
    {{- end -}}
  {{- end -}}
  {{- if and (has .Values.backend.llm.provider (list "openai" "openrouter")) (.Capabilities.APIVersions.Has "v1/Pod") (not $secrets.openaiApiKey) -}}
    {{- fail (printf "secrets.openaiApiKey is required with backend.llm.provider=%s" .Values.backend.llm.provider) -}}
  {{- end -}}
{{- end -}}
{{- if and (has .Values.backend.llm.provider (list "ollama" "openai-compatible")) (not .Values.backend.llm.baseUrl) -}}
  {{- fail (printf "backend.llm.baseUrl is required with backend.llm.provider=%s" .Values.backend.llm.provider) -}}
{{- end -}}
{{- if and (eq .Values.backend.llm.provider "openai-compatible") (not .Values.backend.llm.model) -}}
  {{- fail "backend.llm.model is required with backend.llm.provider=openai-compatible" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.backend.metricsPort) -}}
  {{- fail "serviceMonitor.enabled needs backend.metricsPort, such as 9464: without it there are no metrics" -}}
{{- end -}}
{{- if eq (int .Values.backend.metricsPort) (int .Values.backend.containerPort) -}}
  {{- fail "backend.metricsPort and backend.containerPort must differ: who reaches the one needn't reach the other" -}}
{{- end -}}
{{- if eq (include "todo-app.backend.fullname" .) (include "todo-app.frontend.fullname" .) -}}
  {{- fail "backend.fullnameOverride and frontend.fullnameOverride must differ" -}}
{{- end -}}
{{- range $name := list "backend" "frontend" -}}
  {{- $component := get $.Values $name -}}
  {{- if and $component.dev.enabled (ne $.Values.global.environment "development") -}}
    {{- fail (printf "%s.dev.enabled is for global.environment=development only: pods run their image everywhere else" $name) -}}
  {{- end -}}
  {{- if le (int $component.terminationGracePeriodSeconds) (add (int $component.preStopSleepSeconds) 5) -}}
    {{- fail (printf "%s.terminationGracePeriodSeconds must exceed preStopSleepSeconds by more than 5, or requests under way are cut off" $name) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
