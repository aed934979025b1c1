/// The API's full reference.
public enum OpenAPI {
    /// The OpenAPI 3.1 document of both planes, JSON in UTF-8, as `/openapi.json` serves it.
    public static var document: [UInt8] { PackageResources.openapi_json }
}
