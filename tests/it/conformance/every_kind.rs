//! What holds for every collection of account config, whatever its kind: driven by the table of kinds, so
//! that a new kind is covered without a line here.

use campaignctl::kinds::{ALL, Collection, IdForm, KindDef, Service, UpdateForm};
use serde_json::{Value, json};

use super::client::{Answer, World};

/// A kind's collection with the path at which this account serves it.
struct Served {
    def: &'static KindDef,
    collection: &'static Collection,
    path: String,
}

impl Served {
    fn list(&self) -> String {
        format!("{}?v={}", self.path, self.collection.version)
    }

    fn full(&self) -> String {
        format!("{}&field_set=all", self.list())
    }

    fn item(&self, id: &str) -> String {
        format!("{}/{id}?v={}", self.path, self.collection.version)
    }

    fn body(&self, name: &str) -> Value {
        json!({"id": null, (self.collection.name_key): name, "gone": 1, "novelty": [null, 0.5]})
    }

    async fn replace(&self, world: &World, stored: &Value, revision: &str) -> Answer {
        let id = stored["id"].to_string();
        match self.collection.update {
            UpdateForm::Item => {
                let path = self.item(id.trim_matches('"'));
                world.put(&path, revision, stored).await
            }
            UpdateForm::CollectionArray => {
                world.put(&self.list(), revision, &json!([stored])).await
            }
        }
    }
}

async fn served(world: &World) -> Vec<Served> {
    let campaign = json!({"name": "parent"});
    let parent = world
        .post("le-campaigns/campaigns?v=3.4", &campaign)
        .await
        .expect(201)
        .id();
    ALL.iter()
        .filter_map(|def| Some((def, def.collection?)))
        .filter(|(_, collection)| collection.service == Service::AccountConfig)
        .map(|(def, collection)| Served {
            def,
            collection,
            path: collection.path.replace("{parent}", &parent),
        })
        .collect()
}

#[tokio::test]
async fn rows_live_the_same_life() {
    let world = World::new().await;
    for kind in served(&world).await {
        let name = kind.def.name;
        let made = world.post(&kind.list(), &kind.body("first")).await;
        let made = made.expect(kind.collection.create_status);
        let id = made.id();
        match kind.collection.id {
            IdForm::Number => assert_eq!(id.len(), 10, "{name}"),
            IdForm::Uuid => assert_eq!(id.split('-').count(), 5, "{name}"),
            IdForm::Handoff => assert!(id.starts_with('H'), "{name}"),
        }
        assert_eq!(made.json()["novelty"], json!([null, 0.5]), "{name}");

        let mut changed = made.json();
        changed.as_object_mut().unwrap().shift_remove("gone");
        kind.replace(&world, &changed, "0").await.expect(412);
        let put = kind.replace(&world, &changed, made.revision()).await;
        assert_ne!(put.revision, made.revision, "{name}");
        put.expect(200);
        let read = world.get(&kind.item(&id)).await.expect(200);
        assert_eq!(read.json().get("gone"), None, "{name}");

        let path = kind.item(&id);
        let gone = world.delete(&path, read.revision()).await.expect(200);
        world.delete(&path, gone.revision()).await.expect(404);
        world.get(&path).await.expect(410);
    }
}

#[tokio::test]
async fn names_are_unique_where_the_vendor_says_so() {
    let world = World::new().await;
    for kind in served(&world).await {
        let first = world.post(&kind.list(), &kind.body("twin")).await;
        first.expect(kind.collection.create_status);
        let second = world.post(&kind.list(), &kind.body("twin")).await;
        let expected = if kind.collection.unique_name {
            409
        } else {
            kind.collection.create_status
        };
        second.expect(expected);
    }
}

#[tokio::test]
async fn rows_of_the_vendor_stay_in_every_new_account() {
    let world = World::new().await;
    for kind in served(&world).await {
        if kind.def.parent.is_some() || kind.def.name == "Campaign" {
            continue; // the parent that this test made is in them
        }
        let list = world.get(&kind.full()).await.expect(200);
        let rows = list.json();
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), kind.collection.system_rows.len());
        for row in rows {
            let path = kind.item(row["id"].to_string().trim_matches('"'));
            world.delete(&path, list.revision()).await.expect(400);
        }
    }
}

#[tokio::test]
async fn what_the_platform_derives_is_derived() {
    let world = World::new().await;
    let entry_point = json!({"name": "checkout", "conditionBoxes": [
        {"type": 4, "data": {"include": [{"sections": [{"name": "\"checkout\""}]}], "exclude": []}}]});
    let made = world
        .post("le-targeting/onsite-locations?v=3.0", &entry_point)
        .await
        .expect(201)
        .json();
    assert_eq!(made["conditionBoxTypes"], json!([4]));
    assert_eq!(made["conditionBoxes"], entry_point["conditionBoxes"]);
    let window = json!({"name": "Shop", "isUserDefault": true, "json": {"name": "Shop"}});
    let path = "engagement-window/window-confs?v=2.0";
    let made = world.post(path, &window).await.expect(201).json();
    assert_eq!(made["json"]["id"], -1, "as on every captured window");
    let defaults = world.get(path).await.json();
    let defaults: Vec<_> = defaults
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["isUserDefault"] == true)
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(defaults, ["Shop"]);
}
