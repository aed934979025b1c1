/// The help pages about addresses, rotation, revocation and good practice. Backticks mark code.
public struct GuideTexts: TextGroup {
    public let allowlistWhat = Text(
        "List the fixed IP addresses from which a key may be used. While the list is not empty, requests from every other address are refused.",
        "Indica las direcciones IP fijas desde las que puede usarse una clave. Mientras la lista no esté vacía, las peticiones desde cualquier otra se rechazan.",
        "Liste os endereços IP fixos de onde uma chave pode ser usada. Enquanto a lista não estiver vazia, requisições de qualquer outro são recusadas."
    )
    public let allowlistWhen = Text(
        "It suits automation that runs on:", "Conviene para automatización que se ejecuta en:",
        "É indicado para automação que roda em:")
    public let allowlistWhen1 = Text("your own CI runners", "ejecutores de CI propios", "runners de CI próprios")
    public let allowlistWhen2 = Text("internal servers", "servidores internos", "servidores internos")
    public let allowlistWhen3 = Text(
        "a company network with a fixed outgoing address", "una red de empresa con dirección de salida fija",
        "uma rede de empresa com endereço de saída fixo")
    public let allowlistLiteral = Text(
        "The field takes literal IPv4 and IPv6 addresses, one a line. Different spellings of one address count as one.",
        "El campo admite direcciones IPv4 e IPv6 literales, una por línea. Distintas formas de escribir una misma dirección cuentan como una.",
        "O campo aceita endereços IPv4 e IPv6 literais, um por linha. Grafias diferentes de um mesmo endereço contam como uma."
    )
    public let allowlistNoCIDR = Text(
        "Ranges (CIDR) are not accepted.", "Los rangos (CIDR) no se aceptan.", "Faixas (CIDR) não são aceitas.")
    public let allowlistCIDR = Text(
        "Ranges (CIDR) are accepted here.", "Aquí se aceptan rangos (CIDR).", "Aqui faixas (CIDR) são aceitas.")

    public let rotationWhat = Text(
        "Rotating replaces a key without stopping anything:", "Rotar sustituye una clave sin detener nada:",
        "Rotacionar substitui uma chave sem parar nada:")
    public let rotationStep1 = Text(
        "Open the key and choose **Rotate** and how long the old key goes on working.",
        "Abre la clave, elige **Rotar** y cuánto seguirá funcionando la anterior.",
        "Abra a chave, escolha **Rotacionar** e por quanto tempo a antiga continua funcionando.")
    public let rotationStep2 = Text(
        "Copy the new key and give it to the program.", "Copia la clave nueva y dásela al programa.",
        "Copie a chave nova e entregue-a ao programa.")
    public let rotationStep3 = Text(
        "Watch the key's page: the new key is used, the old one falls silent.",
        "Observa la página de la clave: la nueva se usa, la anterior calla.",
        "Observe a página da chave: a nova está em uso, a antiga silencia.")
    public let rotationStep4 = Text(
        "Revoke the old key, or let the overlap end by itself.",
        "Revoca la anterior, o deja que el solapamiento termine solo.",
        "Revogue a antiga, ou deixe a sobreposição terminar sozinha.")
    public let rotationRules = Text(
        "The new key has the same permissions, IPs, labels and expiry. The pair takes one place in your plan.",
        "La nueva tiene los mismos permisos, IP, etiquetas y caducidad. El par ocupa una sola plaza de tu plan.",
        "A nova tem as mesmas permissões, IPs, etiquetas e validade. O par ocupa uma única vaga do seu plano.")

    public let revocationWhat = Text(
        "A revoked key is dead at once: whatever uses it gets `401` on its next request. It cannot be undone. Its place in your plan is free.",
        "Una clave revocada deja de funcionar al instante: lo que la use recibe `401` en su próxima petición. No se puede deshacer. Su plaza queda libre.",
        "Uma chave revogada morre na hora: o que a usa recebe `401` na próxima requisição. Não dá para desfazer. A vaga no plano fica livre."
    )
    public let revocationStep1 = Text("Open **API keys**.", "Abre **Claves de API**.", "Abra **Chaves de API**.")
    public let revocationStep2 = Text(
        "Choose **Revoke** on the key's row and confirm. A reason is optional.",
        "Elige **Revocar** en la fila de la clave y confirma. El motivo es opcional.",
        "Escolha **Revogar** na linha da chave e confirme. O motivo é opcional.")
    public let revocationWhen = Text("Revoke a key when:", "Revoca una clave cuando:", "Revogue uma chave quando:")
    public let revocationWhen1 = Text("nothing uses it any more", "ya nada la usa", "nada mais a usa")
    public let revocationWhen2 = Text(
        "its owner has left the team", "su responsable ha dejado el equipo", "o responsável deixou a equipe")
    public let revocationWhen3 = Text(
        "the source IP has changed", "la IP de origen ha cambiado", "o IP de origem mudou")
    public let revocationWhen4 = Text("it may have leaked", "puede haberse filtrado", "ela pode ter vazado")
    public let revocationWhen5 = Text(
        "its permissions have become too broad", "sus permisos se han vuelto demasiado amplios",
        "suas permissões ficaram amplas demais")
    public let revocationReview = Text(
        "The **Review** page names the keys for which such a reason holds.",
        "La página **Revisión** nombra las claves para las que se da uno de estos motivos.",
        "A página **Revisão** mostra as chaves para as quais um desses motivos vale.")

    public let practice1 = Text(
        "**One key per integration.** If one leaks, you revoke just that one.",
        "**Una clave por integración.** Si se filtra una, revocas solo esa.",
        "**Uma chave por integração.** Se uma vazar, você revoga só essa.")
    public let practice2 = Text(
        "**Never commit a key.** A key in a repository is public, whatever you delete later. Keep keys in your CI's secret store.",
        "**Nunca subas una clave a un repositorio.** Ahí es pública, borres lo que borres después. Guárdala en el almacén de secretos de tu CI.",
        "**Nunca faça commit de uma chave.** Em um repositório ela é pública, não importa o que você apague depois. Guarde-a no cofre de segredos do seu CI."
    )
    public let practice3 = Text(
        "**Rotate when somebody leaves** who had access to it, as you would change a password.",
        "**Rota cuando se vaya alguien** que tenía acceso, como cambiarías una contraseña.",
        "**Rotacione quando sair alguém** que tinha acesso, como você trocaria uma senha.")
    public let practice4 = Text(
        "**Back off by the headers.** The rate-limit headers say when to slow down before you are refused.",
        "**Frena según las cabeceras.** Las cabeceras de límite dicen cuándo aflojar antes de que te rechacen.",
        "**Recue pelos cabeçalhos.** Os cabeçalhos de limite dizem quando diminuir antes de ser recusado.")
    public let practice5 = Text(
        "**Give an expiry** to what is temporary, and allowed IPs to what has a fixed address.",
        "**Pon caducidad** a lo temporal e IP permitidas a lo que tiene dirección fija.",
        "**Defina validade** para o que é temporário e IPs permitidos para o que tem endereço fixo.")
    public let practiceFound = Text(
        "Found a key somewhere? **Which key is this?** on the API keys page tells which one it is.",
        "¿Has encontrado una clave? **¿Qué clave es esta?** en la página de claves dice cuál es.",
        "Encontrou uma chave? **Que chave é esta?** na página de chaves diz qual é.")
}
