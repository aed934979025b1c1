/// The help pages' titles, and the pages about creating, using and permissions. Backticks mark code.
public struct HelpTexts: TextGroup {
    public let title = Text("Help", "Ayuda", "Ajuda")
    public let createTitle = Text("Create an API key", "Crear una clave de API", "Criar uma chave de API")
    public let useTitle = Text("Use a key", "Usar una clave", "Usar uma chave")
    public let permissionsTitle = Text("Permissions and scope", "Permisos y alcance", "Permissões e alcance")
    public let allowlistTitle = Text("IP allowlist", "Lista de IP permitidas", "Lista de IPs permitidos")
    public let rotationTitle = Text("Rotation", "Rotación", "Rotação")
    public let revocationTitle = Text("Revocation", "Revocación", "Revogação")
    public let practiceTitle = Text("Good practice", "Buenas prácticas", "Boas práticas")

    public let createWhat = Text(
        "An API key lets a program, a script or a CI job call the API without anybody's session. It belongs to the organization, records who created it, may do only what it was given, and can be tied to fixed IP addresses.",
        "Una clave de API permite que un programa, un script o una tarea de CI llame a la API sin la sesión de nadie. Pertenece a la organización, registra quién la creó, solo puede hacer lo que se le concedió y puede limitarse a direcciones IP fijas.",
        "Uma chave de API permite que um programa, um script ou uma tarefa de CI chame a API sem a sessão de ninguém. Ela pertence à organização, registra quem a criou, só pode fazer o que lhe foi concedido e pode ser restrita a endereços IP fixos."
    )
    public let createWhoOwner = Text(
        "Only owners of the organization reach **API keys**; admins do not.",
        "Solo los propietarios de la organización acceden a **Claves de API**; los administradores no.",
        "Só os proprietários da organização acessam **Chaves de API**; administradores não.")
    public let createWhoPermission = Text(
        "Whoever holds the `api_key` permissions reaches **API keys**.",
        "Quien tenga los permisos `api_key` accede a **Claves de API**.",
        "Quem tem as permissões `api_key` acessa **Chaves de API**.")
    public let createStep1 = Text(
        "Sign in and open **API keys**.", "Inicia sesión y abre **Claves de API**.", "Entre e abra **Chaves de API**.")
    public let createStep2 = Text(
        "Choose **Create API key** and type a name that says what uses it.",
        "Elige **Crear clave de API** y escribe un nombre que diga qué la usa.",
        "Escolha **Criar chave de API** e digite um nome que diga o que a usa.")
    public let createStep3 = Text(
        "Choose the permissions it needs; if you like, allowed IPs and an expiration.",
        "Elige los permisos que necesita y, si quieres, IP permitidas y caducidad.",
        "Escolha as permissões necessárias e, se quiser, IPs permitidos e uma expiração.")
    public let createStep4 = Text(
        "Choose **Generate** and copy the key from the next page.",
        "Elige **Generar** y copia la clave de la página siguiente.",
        "Escolha **Gerar** e copie a chave da página seguinte.")
    public let createOnce = Text(
        "The whole key is shown that once. Only its SHA-256 is stored, so nobody can show it again; lists show a preview. If it is lost, rotate or revoke it and use a new one.",
        "La clave completa se muestra esa única vez. Solo se guarda su SHA-256, así que nadie puede volver a mostrarla; las listas enseñan una vista previa. Si se pierde, rótala o revócala y usa otra.",
        "A chave completa é mostrada só dessa vez. Apenas o SHA-256 é guardado, então ninguém pode mostrá-la de novo; as listas mostram uma prévia. Se for perdida, rotacione-a ou revogue-a e use outra."
    )
    public let createFormat = Text(
        "A key is `{prefix}_` followed by 64 hexadecimal characters.",
        "Una clave es `{prefix}_` seguido de 64 caracteres hexadecimales.",
        "Uma chave é `{prefix}_` seguido de 64 caracteres hexadecimais.")
    public let createPlans = Text(
        "How many keys a plan allows", "Cuántas claves permite cada plan", "Quantas chaves cada plano permite")
    public let createPlansLead = Text(
        "The plan must include API keys, or creating answers `feature_not_available`. It also bounds how many may be active at once. Revoking a key frees its place.",
        "El plan debe incluir claves de API; si no, crear responde `feature_not_available`. También limita cuántas pueden estar activas a la vez. Revocar una clave libera su plaza.",
        "O plano precisa incluir chaves de API, ou a criação responde `feature_not_available`. Ele também limita quantas podem estar ativas ao mesmo tempo. Revogar uma chave libera a vaga."
    )

    public let useHeader = Text(
        "Send the key in the `Authorization` header:", "Envía la clave en la cabecera `Authorization`:",
        "Envie a chave no cabeçalho `Authorization`:")
    public let useOther = Text(
        "`x-api-key` is accepted too. Prefer `Authorization: Bearer`, which common tools know. Both headers with different values are refused with 400.",
        "También se acepta `x-api-key`. Es preferible `Authorization: Bearer`, que las herramientas habituales conocen. Si ambas llevan valores distintos, se rechaza con 400.",
        "`x-api-key` também é aceito. Prefira `Authorization: Bearer`, que as ferramentas comuns conhecem. Os dois com valores diferentes são recusados com 400."
    )
    public let useNever = Text(
        "Never put a key into an address: addresses end up in logs.",
        "Nunca pongas una clave en una dirección: las direcciones acaban en registros.",
        "Nunca ponha uma chave em um endereço: endereços acabam em logs.")
    public let useCLI = Text("On the command line", "En la línea de comandos", "Na linha de comando")
    public let useCLILead = Text(
        "In a pipeline use an environment variable; on your own machine the key can be saved:",
        "En un pipeline usa una variable de entorno; en tu equipo puedes guardar la clave:",
        "Em um pipeline use uma variável de ambiente; na sua máquina a chave pode ser salva:")
    public let useOrganization = Text(
        "A key is bound to its organization, so automation names none. Personal calls, such as listing your organizations, still need you to sign in.",
        "La clave está ligada a su organización, así que la automatización no nombra ninguna. Las llamadas personales, como listar tus organizaciones, siguen requiriendo que inicies sesión.",
        "A chave está ligada à sua organização, então a automação não nomeia nenhuma. Chamadas pessoais, como listar suas organizações, ainda exigem que você entre."
    )
    public let useScope = Text(
        "It cannot read or change another organization, even if its creator belongs to both.",
        "No puede leer ni cambiar otra organización, aunque quien la creó pertenezca a ambas.",
        "Ela não pode ler nem mudar outra organização, mesmo que quem a criou pertença às duas.")
    public let useLimits = Text("Slowing down in time", "Frenar a tiempo", "Diminuir o ritmo a tempo")
    public let useLimitsLead = Text(
        "Answers carry `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`. Wait when `Remaining` is 0; on 429, for as long as `Retry-After` says.",
        "Las respuestas llevan `X-RateLimit-Limit`, `X-RateLimit-Remaining` y `X-RateLimit-Reset`. Espera cuando `Remaining` sea 0; ante un 429, lo que diga `Retry-After`.",
        "As respostas trazem `X-RateLimit-Limit`, `X-RateLimit-Remaining` e `X-RateLimit-Reset`. Espere quando `Remaining` for 0; com 429, pelo tempo que `Retry-After` disser."
    )

    public let permissionsModel = Text(
        "Keys use the same permissions as people: `resource:action`, or `resource/instance:action` for one thing only. `*` stands for any.",
        "Las claves usan los mismos permisos que las personas: `recurso:acción`, o `recurso/instancia:acción` para una sola cosa. `*` significa cualquiera.",
        "As chaves usam as mesmas permissões que as pessoas: `recurso:ação`, ou `recurso/instância:ação` para uma única coisa. `*` significa qualquer um."
    )
    public let permissionsExamples = Text("For example:", "Por ejemplo:", "Por exemplo:")
    public let permissionsExample1 = Text(
        "`project/prj_1:deploy`: deploy one project", "`project/prj_1:deploy`: desplegar un proyecto",
        "`project/prj_1:deploy`: fazer deploy de um projeto")
    public let permissionsExample2 = Text(
        "`*:read`: read everything, logs and metrics included", "`*:read`: leerlo todo, registros y métricas incluidos",
        "`*:read`: ler tudo, inclusive logs e métricas")
    public let permissionsExample3 = Text(
        "`project:create`: create projects from a pipeline", "`project:create`: crear proyectos desde un pipeline",
        "`project:create`: criar projetos a partir de um pipeline")
    public let permissionsBounds = Text(
        "Nobody can give a key more than they hold. A key without permissions may do nothing. If a key leaks, the damage ends at its permissions and its allowed IPs.",
        "Nadie puede dar a una clave más de lo que tiene. Una clave sin permisos no puede hacer nada. Si se filtra, el daño termina en sus permisos y sus IP permitidas.",
        "Ninguém pode dar a uma chave mais do que tem. Uma chave sem permissões não pode fazer nada. Se vazar, o dano termina nas permissões e nos IPs permitidos."
    )
    public let permissionsCatalogue = Text("What exists here", "Lo que existe aquí", "O que existe aqui")
}
