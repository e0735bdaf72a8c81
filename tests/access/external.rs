//! Another token service, whose tokens are taken as they are.

use serde_json::json;

use crate::accounts::{Caller, Office};
use chartroom_test_support::{Issuer, IssuerKey as Key};

const SERVICE: &str = "charts.example.com";

#[test]
fn its_tokens_say_what_they_are_good_for() {
    let office = Office::new();
    let issuer = Issuer::start(Key::ecdsa("external"));
    let server = office.serve(&format!(
        "[auth.external]\nrealm = \"https://auth.example.com/token\"\nissuer = \"{url}\"\n\
         service = \"{SERVICE}\"\njwks = \"{url}/keys\"\n",
        url = issuer.url()
    ));
    let client = server.client();
    let refused = client.get("/v2/charts/app/tags/list").send().expect(401);
    assert_eq!(
        refused.headers("WWW-Authenticate"),
        ["Bearer realm=\"https://auth.example.com/token\",service=\"charts.example.com\",\
          scope=\"repository:charts/app:pull\""],
        "clients are sent there, and not asked for passwords here"
    );
    let token = |actions: &[&str]| {
        let access = json!([{ "type": "repository", "name": "charts/app", "actions": actions }]);
        Caller::bearer(&issuer.token(SERVICE, &json!({ "access": access })))
    };
    let push = token(&["pull", "push"]);
    push.push_blob(&client, "charts/app", b"blob");
    push.request(&client, "GET", "/v2/").send().expect(200);
    push.request(&client, "DELETE", "/v2/charts/app/manifests/v1").send().expect(403);
    push.request(&client, "GET", "/v2/charts/other/tags/list").send().expect(403);
    token(&["pull"]).request(&client, "POST", "/v2/charts/app/blobs/uploads/").send().expect(403);
    token(&["delete"]).request(&client, "DELETE", "/v2/charts/app/manifests/v1").send().expect(404);
    let other = issuer.token("other.example.com", &json!({ "access": [] }));
    Caller::bearer(&other).request(&client, "GET", "/v2/").send().expect(401);
    let odd = issuer.token(SERVICE, &json!({ "access": "everything" }));
    Caller::bearer(&odd).request(&client, "GET", "/v2/").send().expect(401);
}
